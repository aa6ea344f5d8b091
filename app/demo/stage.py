"""Who acts when: contexts of people at moments of the story, and whom its names mean."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from datetime import datetime
from functools import partial
from typing import Any, NamedTuple

from app.context import Context
from app.db.session import Database
from app.principal import ADMIN, READ, SCOPES, WRITE, Principal


@dataclass(slots=True)
class Cast:
    """Ids by name: people by username, course instances by name, assessments by (course instance, name) and so on."""

    people: dict[str, int] = field(default_factory=dict)
    courses: dict[str, int] = field(default_factory=dict)
    course_instances: dict[str, int] = field(default_factory=dict)
    assessments: dict[tuple[str, str], int] = field(default_factory=dict)
    questions: dict[tuple[str, str], int] = field(default_factory=dict)
    groups: dict[str, int] = field(default_factory=dict)
    learners: dict[str, tuple[str, ...]] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Stage:
    """One moment of the story."""

    db: Database
    cast: Cast
    now: datetime

    @property
    def program(self) -> Context:
        """The program itself: the registrar's office, and what marks by computer."""
        return self._context(Principal(None, is_admin=True, scopes=frozenset(SCOPES)))

    def acting(self, username: str) -> Context:
        """A person, signed in with a token that may read and write."""
        return self._context(Principal(self.cast.people[username], scopes=frozenset({READ, WRITE})))

    def administering(self, username: str) -> Context:
        """An institution administrator."""
        return self._context(
            Principal.of(self.cast.people[username], is_staff=True, scopes=frozenset({READ, WRITE, ADMIN}))
        )

    def at(self, now: datetime) -> Stage:
        """The same story at another moment."""
        return Stage(self.db, self.cast, now)

    def _context(self, principal: Principal) -> Context:
        return Context(principal, self.db, clock=lambda: self.now)


class Scene(NamedTuple):
    """Something that happens. Scenes are played in order of time, whichever course they are of."""

    at: datetime
    act: Callable[[Stage], Awaitable[None]]


def scene(at: datetime, act: Callable[..., Awaitable[None]], **how: Any) -> Scene:
    """A scene in which something is done in a certain way."""
    return Scene(at, partial(act, **how))
