"""Writes of people and tokens."""

from __future__ import annotations

import strawberry

from app.domain.identity import service, tokens
from schema.core.inputs import key
from schema.core.mutations import mutation, shown, shows
from schema.identity.types import AccessToken, User

ISSUED = {
    **shows(AccessToken, "The token's entry in the list of tokens.", key="id"),
    "token": shown(lambda: str | None, "The token itself: shown now and never again.", lambda source: source.text),
}


@strawberry.type
class Mutations:
    """Fields of the mutation root."""

    create_user = mutation(
        service.create_user,
        User,
        "Make a person known. Administrators.",
        uid="Unique sign-in name; the e-mail address, or else the username, when absent.",
    )
    update_user = mutation(
        service.update_user,
        User,
        "Change a person. People may change their own names, administrators everything of everybody.",
    )
    issue_token = mutation(
        tokens.issue_token,
        AccessToken,
        "Make a personal access token for yourself or, as an administrator, for anybody.",
        gives=ISSUED,
        user_id="Whose token it shall be; yours when absent.",
        scopes="What it may be used for: `read`, `write`, `admin`; all that your own token may when absent.",
    )
    revoke_token = mutation(
        tokens.revoke_token,
        AccessToken,
        "End a personal access token of yours or, as an administrator, anybody's.",
        token_id=key(AccessToken, "Which one."),
    )
