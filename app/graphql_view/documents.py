"""Documents by the SHA-256 of their text: registered ones, and those that a client sent before (Apollo's protocol)."""

from __future__ import annotations

from collections import OrderedDict

from app.db.session import Database
from app.domain.identity.documents import find_document
from app.domain.identity.tokens import digest
from app.graphql_view.asking import Asked
from app.graphql_view.refusal import Refused, Unexecutable
from app.principal import Principal

ROOM = 4_000_000
"""Characters of all texts of one kind that a process remembers."""
NOT_FOUND = "PERSISTED_QUERY_NOT_FOUND"
UNCACHED = {"Cache-Control": "private, no-cache, must-revalidate"}


class Texts:
    """Texts by their digests, those that were used last, as many as there is room for."""

    def __init__(self, room: int = ROOM) -> None:
        self._texts: OrderedDict[str, str] = OrderedDict()
        self._room = room

    def get(self, digest: str) -> str | None:
        """The text, if it is remembered."""
        if digest in self._texts:
            self._texts.move_to_end(digest)
        return self._texts.get(digest)

    def put(self, digest: str, text: str) -> None:
        """Remember a text; forget as many as it takes the place of."""
        if digest in self._texts:
            return
        self._texts[digest] = text
        self._room -= len(text)
        while self._room < 0:
            _, forgotten = self._texts.popitem(last=False)
            self._room += len(forgotten)


class Documents:
    """The documents that requests name.

    What a client sent is remembered by the process that it sent it to, and by no other: the next one says that it was
    not found, and the client sends it again, once. So it takes no store that all workers share and that may fail.
    """

    def __init__(self, registered_only: bool) -> None:
        self._registered_only = registered_only
        self._registered, self._sent = Texts(), Texts()

    async def text(self, asked: Asked, principal: Principal, db: Database) -> str:
        """The text of the document that is asked for.

        Raises Refused: 403 for one that is not registered where it must be, 404 for one that is not known.
        """
        if self._registered_only or principal.is_registered_only:
            found = await self._find(asked.digest or digest(asked.query or ""), db)
            if found is None:
                raise Refused(403, "DOCUMENT_NOT_REGISTERED", "Only registered documents are executed.")
            return found
        if asked.query is not None:
            return asked.query
        assert asked.digest is not None
        found = (self._sent.get(asked.digest) if asked.is_automatic else None) or await self._find(asked.digest, db)
        if found is None and asked.is_automatic:
            raise Unexecutable(404, NOT_FOUND, "PersistedQueryNotFound", UNCACHED)
        if found is None:
            raise Unexecutable(404, "DOCUMENT_NOT_FOUND", "No document is registered under this id.", UNCACHED)
        return found

    def remember(self, asked: Asked) -> None:
        """Remember a document that was sent with its digest, now that it has turned out to be valid."""
        if asked.is_automatic and asked.query is not None and asked.digest is not None:
            self._sent.put(asked.digest, asked.query)

    async def _find(self, digest: str, db: Database) -> str | None:
        """The text of a registered document: it never changes, so it is asked of the database once."""
        found = self._registered.get(digest)
        if found is None:
            found = await find_document(db, digest)
            if found is not None:
                self._registered.put(digest, found)
        return found
