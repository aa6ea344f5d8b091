"""User and AccessToken."""

from __future__ import annotations

from app.domain.identity.models import AccessToken as AccessTokenRow
from app.domain.identity.models import User as UserRow
from schema.core.declare import column, computed
from schema.core.node import node
from schema.core.relate import one


def display_name(name: str | None, uid: str) -> str:
    """The name, or the sign-in name of somebody who has none."""
    return name or uid


@node(UserRow, "A person: learner, teacher or administrator.")
class User:
    """Fields that only the person, their teachers and administrators see are null to others."""

    uuid = column(UserRow.uuid, "32 hexadecimal digits, without dashes.")
    username = column(UserRow.username, "Unique short name.")
    uid = column(UserRow.uid, "Unique sign-in name, usually an e-mail address.")
    email = column(UserRow.email, "E-mail address.")
    name = column(UserRow.name, "Full name.")
    display_name = computed(
        display_name, UserRow.name, UserRow.uid, returns=str, description="Full name, or `uid` where there is none."
    )
    given_name = column(UserRow.given_name, "Given name.")
    family_name = column(UserRow.family_name, "Family name.")
    uin = column(UserRow.uin, "The institution's number of the person. Private.")
    external_id = column(UserRow.external_id, "Key of the person in the system they were imported from. Private.")
    school = column(UserRow.school, "School or college. Private.")
    major = column(UserRow.major, "Field of study. Private.")
    year = column(UserRow.year, "Year of study, as text. Private.")
    is_staff = column(UserRow.is_staff, "Whether this is an institution administrator. Private.")
    is_active = column(UserRow.is_active, "Whether the person may sign in. Private.")
    created_at = column(UserRow.created_at, "When the person became known.")
    updated_at = column(UserRow.updated_at, "When the person's data last changed.")


@node(AccessTokenRow, "A personal access token of yours. The token itself was shown once, when it was made.")
class AccessToken:
    """Only one's own are visible."""

    user = one(AccessTokenRow.user_id, "Whose token it is.")
    name = column(AccessTokenRow.name, "What its owner called it.")
    prefix = column(AccessTokenRow.prefix, "Its first characters, to tell it from others.")
    scopes = column(AccessTokenRow.scopes, "What it may be used for: `read`, `write`, `admin`.", returns=list[str])
    created_at = column(AccessTokenRow.created_at, "When it was made.")
    expires_at = column(AccessTokenRow.expires_at, "When it stops working; null: never.")
    last_used_at = column(AccessTokenRow.last_used_at, "When it was last used, to the minute.")
    revoked_at = column(AccessTokenRow.revoked_at, "When it was revoked.")
