"""What a domain function receives: who asks, the database, the clock."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime
from functools import cached_property
from typing import Any

from sqlalchemy import ColumnElement
from sqlalchemy.orm import InstrumentedAttribute

from app import policy
from app.db.base import Base
from app.db.session import Database
from app.db.types import utc_now
from app.errors import Unauthenticated
from app.files.store import FileStore, Stored
from app.principal import Principal

Clock = Callable[[], datetime]


class Context:
    """One request's (or one import's) view of the domain. `received` is what came with the request into the store."""

    def __init__(
        self, principal: Principal, db: Database, clock: Clock = utc_now, received: Sequence[Stored] = ()
    ) -> None:
        self.principal = principal
        self.db = db
        self.clock = clock
        self.received = received
        self._visible: dict[type[Base], ColumnElement[bool]] = {}

    @cached_property
    def now(self) -> datetime:
        """The instant of this request: one for all that it reads and writes."""
        return self.clock()

    @cached_property
    def viewing(self) -> policy.Viewing:
        """The principal at this request's instant."""
        return policy.Viewing(self.principal, self.now)

    @property
    def files(self) -> FileStore:
        """Where the bytes of files are; the rows about them are in `app.domain.files`."""
        return self.db.files

    def visible(self, model: type[Base]) -> ColumnElement[bool]:
        """The predicate that every read of `model` starts from; made once in a request."""
        known = self._visible.get(model)
        if known is None:
            known = self._visible[model] = policy.visible(model, self.viewing)
        return known

    def readable(self, attribute: InstrumentedAttribute[Any]) -> ColumnElement[Any]:
        """The expression to select for `attribute`: the column, or what this principal may see of it."""
        return policy.masked(attribute, self.viewing)

    @property
    def user_id(self) -> int:
        """The signed-in user. Raises Unauthenticated when there is none."""
        if self.principal.user_id is None:
            raise Unauthenticated("sign in: this needs an access token")
        return self.principal.user_id
