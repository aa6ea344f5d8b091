"""What Hypothesis draws, in the words of the generator. Zero, false and the first are the simple choices."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from itertools import count
from typing import Any, TypeVar

from hypothesis.internal.conjecture.data import ConjectureData
from hypothesis.strategies import SearchStrategy

T = TypeVar("T")


class Made(SearchStrategy[T]):
    """What a function makes of chance.

    Hypothesis makes five variants of each example by repeating parts of it in places like theirs, which are nearly the
    same operation five times. It knows no such places here: numbers are drawn without strategies of their own.
    """

    def __init__(self, make: Callable[[Chance], T]) -> None:
        super().__init__()
        self._make = make

    def do_draw(self, data: ConjectureData) -> T:
        return self._make(Chance(data))


class Chance:
    """Draws."""

    def __init__(self, data: ConjectureData) -> None:
        self._data = data
        self._labels = count(1)

    @contextmanager
    def part(self) -> Iterator[None]:
        """What is drawn in here belongs together: Hypothesis may leave it out where it looks for a smaller example."""
        self._data.start_span(next(self._labels))
        yield
        self._data.stop_span()

    def below(self, limit: int) -> int:
        """A number from 0 to below the limit."""
        return self._data.draw_integer(0, limit - 1) if limit > 1 else 0

    def pick(self, options: Sequence[T]) -> T:
        """One of the options."""
        return options[self.below(len(options))]

    def happens(self, percent: int) -> bool:
        """True so many times of a hundred."""
        return self.below(100) >= 100 - percent

    def some(self, options: Sequence[T], least: int, most: int) -> list[T]:
        """From `least` to `most` of the options, in any order, none twice."""
        left, found = list(options), []
        for _ in range(min(len(left), least + self.below(most - least + 1))):
            found.append(left.pop(self.below(len(left))))
        return found


def spelled(value: Any) -> str:
    """A value as a literal of a document."""
    match value:
        case None:
            return "null"
        case bool():
            return "true" if value else "false"
        case Bare():
            return value.text
        case str():
            return _quoted(value)
        case list():
            return f"[{', '.join(spelled(each) for each in value)}]"
        case dict():
            return f"{{{', '.join(f'{key}: {spelled(each)}' for key, each in value.items())}}}"
    return repr(value)


class Bare:
    """The name of an enum's value or a variable: without quotes in a document."""

    def __init__(self, text: str) -> None:
        self.text = text


def plain(value: Any) -> Any:
    """A value as it is given in variables."""
    match value:
        case Bare():
            return value.text
        case list():
            return [plain(each) for each in value]
        case dict():
            return {key: plain(each) for key, each in value.items()}
    return value


def _quoted(text: str) -> str:
    escaped = text.replace("\\", "\\\\").replace('"', '\\"')
    return f'"{escaped}"'
