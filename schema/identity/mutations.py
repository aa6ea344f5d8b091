"""Writes of people and tokens."""

from __future__ import annotations

from typing import Unpack

import strawberry

from app.domain.identity import institution, service, tokens
from app.domain.identity.institution import ProfileDetails
from schema.core.inputs import Shape, key, parts
from schema.core.mutations import deletes, mutation, shown, shows
from schema.identity.types import AccessToken, DataSource, User, UserProfile

ISSUED = {
    **shows(AccessToken, "The token's entry in the list of tokens.", key="id"),
    "token": shown(lambda: str | None, "The token itself: shown now and never again.", lambda source: source.text),
}


def profile(**details: Unpack[ProfileDetails]) -> ProfileDetails:
    """What is said of a person beside the account."""
    return details


PROFILE = parts(
    Shape("ProfileInput", profile, UserProfile, "What is known of a person beside the account."),
    "What else is known of the person.",
)


@strawberry.type
class Mutations:
    """Fields of the mutation root."""

    create_user = mutation(
        service.create_user,
        User,
        "Make a person known. Administrators.",
        uid="Unique sign-in name; the e-mail address, or else the username, when absent.",
        password="What the person signs in with: 8 to 1024 characters; nobody reads it. None: by other ways only.",
        profile=PROFILE,
    )
    update_user = mutation(
        service.update_user,
        User,
        "Change a person. People may change their own names, administrators everything of everybody.",
        profile=PROFILE,
    )
    delete_user = mutation(
        service.delete_user,
        User,
        "Forget a person of whom there is no enrolment, work or grade. Administrators.",
        gives=deletes(User),
    )
    update_profile = mutation(
        institution.update_profile,
        UserProfile,
        "Change a person's profile. People may say how they want to be addressed, administrators everything.",
    )
    create_data_source = mutation(
        institution.create_data_source, DataSource, "Make a source of records known. Administrators."
    )
    update_data_source = mutation(
        institution.update_data_source, DataSource, "Change a source of records. Administrators."
    )
    delete_data_source = mutation(
        institution.delete_data_source,
        DataSource,
        "Delete a source that no record names. Administrators.",
        gives=deletes(DataSource),
    )
    issue_token = mutation(
        tokens.issue_token,
        AccessToken,
        "Make a personal access token for yourself or, as an administrator, for anybody.",
        gives=ISSUED,
        user_id="Whose token it shall be; yours when absent.",
        scopes="What it may be used for: `read`, `write`, `admin`; all that your own token may when absent.",
        is_registered_only="Whether it opens registered documents alone.",
    )
    revoke_token = mutation(
        tokens.revoke_token,
        AccessToken,
        "End a personal access token of yours or, as an administrator, anybody's.",
        token_id=key(AccessToken, "Which one."),
    )
