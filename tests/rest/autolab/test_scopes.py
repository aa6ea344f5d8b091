"""What a token of each single scope opens, for every operation that is served (contracts/autolab.md §4)."""

from __future__ import annotations

import re

import pytest

from app.domain.identity.clients import create_client, find_client
from app.domain.identity.grants import issue_pair
from app.domain.identity.tokens import OAUTH, new_text
from app.principal import AUTOLAB_SCOPES
from app.rest.route import Route
from app.rest.systems import system_named
from tests.rest.autolab.conftest import Autolab

pytestmark = pytest.mark.anyio

A = "/courses/{course_name}/assessments/{assessment_name}"
M = "/courses/{course_name}/course_user_data"
INSTRUCTORS = {"instructor_all"}
TABLE = {
    "GET /user": {"user_info"},
    "GET /courses": {"user_courses"},
    "GET /courses/{course_name}/assessments": {"user_courses"},
    f"GET {A}": {"user_courses"},
    f"POST {A}/set_group_settings": {"user_courses", "instructor_all"},
    f"GET {A}/groups": INSTRUCTORS,
    f"POST {A}/groups": INSTRUCTORS,
    f"GET {A}/groups/{{id}}": INSTRUCTORS,
    f"DELETE {A}/groups/{{id}}": INSTRUCTORS,
    f"GET {A}/problems": {"user_courses", "instructor_all"},
    f"POST {A}/problems": INSTRUCTORS,
    f"GET {A}/scores": INSTRUCTORS,
    f"GET {A}/scores/{{email}}": INSTRUCTORS,
    f"PUT {A}/scores/{{email}}/update_latest": INSTRUCTORS,
    f"GET {A}/writeup": {"user_courses"},
    f"GET {A}/handout": {"user_courses"},
    f"POST {A}/submit": {"user_submit"},
    f"GET {A}/submissions": {"user_scores"},
    f"GET {A}/submissions/{{version}}/feedback": {"user_scores"},
    f"GET {M}": INSTRUCTORS,
    f"POST {M}": INSTRUCTORS,
    f"GET {M}/{{email}}": INSTRUCTORS,
    f"PUT {M}/{{email}}": INSTRUCTORS,
    f"DELETE {M}/{{email}}": INSTRUCTORS,
}
NAMES = {"course_name": "sig-f24", "assessment_name": "lab1", "email": "sam@uni.example", "id": "999", "version": "9"}
NO_SCOPE = '{"error":"Your client does not have the required scope for this action"}'
ROUTES = list(system_named("autolab").routes)


def listed(route: Route) -> str:
    """A route as the table names it."""
    return f"{route.method} {route.path}"


def test_the_table_has_every_operation() -> None:
    assert len(TABLE) == 24
    assert {listed(route) for route in ROUTES} - TABLE.keys() == set()


@pytest.mark.parametrize("scope", AUTOLAB_SCOPES)
async def test_a_scope_opens_its_operations_and_no_other(al: Autolab, scope: str) -> None:
    """Asked by an instructor, whom no role stops."""
    admin, text = al.world.admin, new_text(OAUTH)
    made = await create_client(admin, "Client", redirect_uris=[], scopes=AUTOLAB_SCOPES)
    client = await find_client(admin, made.uid)
    await issue_pair(admin, client, user_id=al.world.instructor_id, scopes=[scope], access_token=text)
    opened = set()
    for route in ROUTES:
        path = re.sub(r"{(\w+)}", lambda found: NAMES[found[1]], route.path)
        response = await al.send(route.method, path, None, params={"access_token": text})
        is_refused = (response.status_code, response.text) == (403, NO_SCOPE)
        assert is_refused or response.status_code in (200, 400, 403, 404), response.text
        if not is_refused:
            opened.add(listed(route))
    assert opened == {name for name, scopes in TABLE.items() if scope in scopes} & {listed(each) for each in ROUTES}
