"""Who asks."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import ClassVar

READ, WRITE, ADMIN = "read", "write", "admin"
SCOPES = (READ, WRITE, ADMIN)
AUTOLAB_SCOPES = ("user_info", "user_courses", "user_scores", "user_submit", "instructor_all", "admin_all")
DELETE, OFFLINE = "delete", "offline"
BLACKBOARD_SCOPES = (DELETE, OFFLINE)
PROFILE, EMAIL = "profile", "email"
COURSE_MODES = "course_modes:read"
OPENEDX_SCOPES = (PROFILE, EMAIL, COURSE_MODES)
LIMITED_SCOPES = OPENEDX_SCOPES
"""What a client may ask for that is limited to some organizations."""
OAUTH_SCOPES = SCOPES + AUTOLAB_SCOPES + BLACKBOARD_SCOPES + OPENEDX_SCOPES
INCLUDED = {
    READ: frozenset({"user_info", "user_courses", "user_scores"}),
    WRITE: frozenset({"user_submit", "instructor_all"}),
    ADMIN: frozenset({"admin_all"}),
}


@dataclass(frozen=True, slots=True)
class Principal:
    """The user behind a request, as narrow as the token that was used.

    `is_admin` is true only for an institution administrator whose token carries the scope `admin`; `is_staff` says
    whether the person is one, whatever the token. `is_delegated`: an OAuth client acts for the person; `client_id`
    is its key. `is_registered_only`: the token opens nothing but registered documents. `program` is the program itself:
    the command line, an import, what the server does by itself. `learns_in` is the key of the only course instance
    that somebody of its staff looks at, as a learner of the group `learns_with`, or of none, would. `organizations`
    are the keys of those that the client is limited to; none: it is not limited.
    """

    user_id: int | None
    is_admin: bool = False
    scopes: frozenset[str] = frozenset()
    is_staff: bool = field(default=False, compare=False)
    is_delegated: bool = field(default=False, compare=False)
    client_id: int | None = field(default=None, compare=False)
    is_registered_only: bool = field(default=False, compare=False)
    learns_in: int | None = None
    learns_with: int | None = None
    organizations: frozenset[str] = field(default=frozenset(), compare=False)

    anonymous: ClassVar[Principal]
    program: ClassVar[Principal]

    @classmethod
    def of(
        cls,
        user_id: int,
        *,
        is_staff: bool,
        scopes: frozenset[str],
        is_delegated: bool = False,
        client_id: int | None = None,
        is_registered_only: bool = False,
        organizations: frozenset[str] = frozenset(),
    ) -> Principal:
        is_admin = is_staff and ADMIN in scopes
        held = (user_id, is_admin, scopes, is_staff, is_delegated, client_id, is_registered_only)
        return cls(*held, organizations=organizations)


Principal.anonymous = Principal(None)
Principal.program = Principal(None, is_admin=True, scopes=frozenset(SCOPES))


def has_scope(principal: Principal, scope: str) -> bool:
    """Whether the token has a scope, or one of the product's that includes it: `read` includes `user_courses`."""
    return scope in principal.scopes or any(scope in INCLUDED.get(each, ()) for each in principal.scopes)
