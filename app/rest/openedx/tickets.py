"""Tickets of library blocks in addresses: made for the visitor, taken from whoever has one."""

from __future__ import annotations

from app.context import Context
from app.domain.identity.jwts import Signing
from app.domain.libraries.tickets import holder_of_ticket, ticket
from app.errors import Unauthenticated
from app.rest.openedx.asking import Asked
from app.rest.openedx.refusals import Refused

BAD_TICKET = "Invalid/expired auth token."


async def ticket_of(asked: Asked, ctx: Context, key: str) -> str:
    """A ticket for a block, of who asks in that context, or of nobody."""
    async with ctx.db.transaction():
        return await ticket(ctx, key, _signing(asked))


async def let_in(asked: Asked, text: str, key: str) -> bool:
    """Go on as whose ticket for a block it is; false for nobody's. Raises Refused for none that is good."""
    ctx = asked.ctx
    try:
        principal = await holder_of_ticket(ctx.db, text, key, ctx.now, _signing(asked))
    except Unauthenticated:
        raise Refused(403, BAD_TICKET) from None
    asked.ctx = Context(principal, ctx.db, ctx.clock)
    return principal.user_id is not None


def _signing(asked: Asked) -> Signing:
    settings = asked.request.app.state.settings
    return Signing(settings.openedx_jwt_secret, settings.openedx_jwt_audience)
