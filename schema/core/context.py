"""What every resolver finds at `info.context`."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Hashable, Mapping
from typing import Any

from app.context import Context
from app.db.base import Base
from schema.core.limits import Limits
from schema.core.loader import Batch, Loader

Needs = Mapping[type[Base], tuple[str, ...]]
MAX_PAGE = Limits().page


class GraphContext:
    """One operation: the domain's context, the loaders, and the columns that the operation needs of each model.

    `max_page` is None for documents of our own, which may ask for whole lists. `as_json` is true when orjson
    will write the answer and nobody here reads it: parts of it may then be JSON already. `report` says how it was
    executed, `limits` are those that are told.
    """

    __slots__ = ("_loaders", "as_json", "domain", "limits", "max_page", "needs", "report")

    def __init__(
        self,
        domain: Context,
        needs: Needs,
        max_page: int | None = MAX_PAGE,
        *,
        as_json: bool = False,
        limits: Limits | None = None,
    ) -> None:
        self.domain = domain
        self.needs = needs
        self.max_page = max_page
        self.as_json = as_json
        self.limits = limits or Limits()
        self.report: Any = None
        self._loaders: dict[Hashable, Loader] = {}

    def loader(self, key: Hashable, batch: Batch) -> Loader:
        """The loader known by `key`, made from `batch` when it is first asked for."""
        found = self._loaders.get(key)
        if found is None:
            found = self._loaders[key] = Loader(batch)
        return found

    def protected(self, work: Callable[[], Awaitable[Any]]) -> Any:
        """A future of what `work` gives. Once begun it is never cancelled: graphql-core cancels the siblings of a
        failed field, and a cancelled statement breaks the transaction it is in.
        """

        async def batch(_: list[Any]) -> list[Any]:
            return [await work()]

        return self.loader(object(), batch).load(None)

    def columns(self, model: type[Base], *more: str) -> tuple[str, ...]:
        """The names of the columns to select of `model`: those that the operation needs, and `more`."""
        needed = self.needs.get(model, ("id",))
        extra = tuple(name for name in dict.fromkeys(more) if name not in needed)
        return needed + extra

    async def settle(self) -> None:
        """Let loads that nobody waits for any more end before the request gives its connection back."""
        running = [task for loader in self._loaders.values() for task in loader.stop()]
        if running:
            await asyncio.wait(running)

    def forget(self) -> None:
        """Drop everything that was loaded: something was written."""
        for loader in self._loaders.values():
            loader.clear()


def of(info: Any) -> GraphContext:
    """The context of a resolver's info."""
    context: GraphContext = info.context
    return context
