"""How far an import is: a bar on a terminal, a line for each finished step elsewhere, or silence."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Protocol, TextIO

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, TextColumn, TimeElapsedColumn
from rich.progress import Progress as Display


class Progress(Protocol):
    """Told by an importer of its steps, one after the other; `total` and `n` count rows or files."""

    def start(self, label: str, total: int) -> None:
        """A step begins."""

    def advance(self, n: int) -> None:
        """`n` more of the step are done."""

    def finish(self) -> None:
        """The step is over."""


class Silence:
    """Says nothing."""

    def start(self, label: str, total: int) -> None:
        """Say nothing."""

    def advance(self, n: int) -> None:
        """Say nothing."""

    def finish(self) -> None:
        """Say nothing."""


class Lines:
    """Writes one plain line when a step is over: for logs and pipes."""

    def __init__(self, stream: TextIO) -> None:
        self._stream = stream
        self._label = ""
        self._done = 0

    def start(self, label: str, total: int) -> None:
        """Remember the step."""
        self._label, self._done = label, 0

    def advance(self, n: int) -> None:
        """Count."""
        self._done += n

    def finish(self) -> None:
        """Write the line."""
        self._stream.write(f"{self._label}: {self._done:,}\n")
        self._stream.flush()


class Bar:
    """Draws a bar for each step on a terminal."""

    def __init__(self, stream: TextIO) -> None:
        self._console = Console(file=stream)
        self._display: Display | None = None

    def start(self, label: str, total: int) -> None:
        """Draw an empty bar."""
        columns = (TextColumn("{task.description:<24}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
        self._display = Display(*columns, console=self._console)
        self._display.add_task(label, total=total)
        self._display.start()

    def advance(self, n: int) -> None:
        """Fill it further."""
        if self._display is not None:
            self._display.advance(self._display.task_ids[0], n)

    def finish(self) -> None:
        """Leave it as it is and go to the next line."""
        if self._display is not None:
            self._display.stop()
            self._display = None


def progress_on(stream: TextIO) -> Progress:
    """A bar when the stream is a terminal, else plain lines."""
    return Bar(stream) if stream.isatty() else Lines(stream)


@contextmanager
def step(progress: Progress, label: str, total: int) -> Iterator[Callable[[int], None]]:
    """A step of an import: gives `advance`, and finishes the step however the block ends."""
    progress.start(label, total)
    try:
        yield progress.advance
    finally:
        progress.finish()
