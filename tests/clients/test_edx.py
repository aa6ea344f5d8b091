"""Two published clients of Open edX against a server: edx-rest-api-client, and edx-api-client by its own live suite.

They run where CAMPUSGRAPH_OPENEDX_CLIENTS names a Python that has them (and pytest): their dependencies are not ours.
"""

from __future__ import annotations

import asyncio
import os
import subprocess
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import orjson
import pytest

from app.commands.program import acting
from app.domain.identity.clients import create_client
from app.domain.identity.tokens import issue_token
from app.rest.systems import SYSTEMS
from app.settings import Settings
from tests.clients.devstack import fill
from tests.commands.conftest import migrated
from tests.commands.test_serving import PATIENCE, serving

PYTHON = os.environ.get("CAMPUSGRAPH_OPENEDX_CLIENTS")
SCRIPT = Path(__file__).with_name("edx.py")
R, E = "course-v1:edX+DemoX+Demo_Course", "course-v1:edX+E2E-101+course"
SERVED = {f"{route.method} {route.path}" for system in SYSTEMS for route in system.routes}
SUITE = {
    "GET /courses/v1/blocks/": ("test_course_structure",),
    "GET /courses/v1/courses/{course_key_string}": ("test_course_details", "test_course_details_timeout"),
    "GET /enrollment/v1/enrollments[/]": ("test_enrollments_list",),
    "POST /enrollment/v1/enrollment": (
        "test_enrollments",
        "test_create_verified_enrollment",
        "test_create_audit_enrollment",
        "test_deactivate_enrollment",
        "test_create_enrollment_timeout",
    ),
    "GET /enrollment/v1/enrollment, GET /grades/v1/courses/{course_id}/": (
        "test_get_current_grade",
        "test_get_current_grade_timeout",
    ),
    "POST /ccx/v0/ccx/": ("test_create_ccx", "test_get_timeout_error_ccx"),
    "GET /certificates/v0/certificates/{username}/": (
        "test_get_certificate",
        "test_get_certificate_500_error",
        "test_get_certificate_timeout_error",
        "test_get_certificate_404_error",
    ),
    "GET /mobile/{api_version}/my_user_info": ("test_user_info", "test_user_info_timeout"),
    "PATCH /user/v1/accounts/{username}": ("test_user_name_update",),
}
"""What tests of edx-api-client's own suite ask."""
WITHOUT = "CAMPUSGRAPH_OPENEDX_CLIENTS names no Python with the clients"
pytestmark = pytest.mark.skipif(PYTHON is None, reason=WITHOUT)


@dataclass(frozen=True, slots=True)
class Devstack:
    """Where the server is, the credentials of a service that acts for global staff, and a token of theirs."""

    address: str
    uid: str
    secret: str
    token: str

    def ask(self, *requests: dict[str, Any]) -> list[Any]:
        """(status, body) of each answer to edx-rest-api-client."""
        lines = b"\n".join(map(orjson.dumps, requests))
        command = [str(PYTHON), str(SCRIPT), self.address, self.uid, self.secret]
        run = subprocess.run(command, input=lines, capture_output=True, check=False, timeout=10 * PATIENCE)
        assert run.returncode == 0, run.stderr.decode()
        return [tuple(orjson.loads(line)) for line in run.stdout.splitlines()]

    def tests(self) -> set[str]:
        """The names of all tests of that suite."""
        found = "import edx_api.integration_test as it; print(*(name for name in dir(it) if name.startswith('test_')))"
        command = [str(PYTHON), "-c", found]
        return set(subprocess.run(command, capture_output=True, check=True, text=True).stdout.split())

    def suite(self, *names: str) -> subprocess.CompletedProcess[str]:
        """The run of these tests of edx-api-client's own suite."""
        found = "import edx_api.integration_test as it; print(it.__file__)"
        file = subprocess.run([str(PYTHON), "-c", found], capture_output=True, check=True, text=True).stdout.strip()
        command = [str(PYTHON), "-m", "pytest", "-q", "-p", "no:cacheprovider", *(f"{file}::{name}" for name in names)]
        environment = {
            **os.environ,
            "ACCESS_TOKEN": self.token,
            "BASE_URL": self.address + "/",
            "ENROLLMENT_CREATION_COURSE_ID": E,
        }
        more: Any = {"capture_output": True, "text": True, "env": environment, "timeout": 10 * PATIENCE}
        return subprocess.run(command, check=False, cwd=Path(file).parent.parent, **more)


@pytest.fixture(scope="module")
def devstack(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Devstack]:
    """A server of what the clients' suite asks of a developer's installation."""
    with migrated(tmp_path_factory.mktemp("edx"), "edx") as url, pytest.MonkeyPatch.context() as environment:
        environment.setenv("CAMPUSGRAPH_DATABASE_URL", url)
        made = asyncio.run(_fill())
        with serving() as (_, _, address):
            yield Devstack(address, *made)


async def _fill() -> tuple[str, str, str]:
    async with acting(Settings.from_environment()) as ctx, ctx.db.transaction():
        staff = await fill(ctx)
        scopes = ["read", "write", "admin", "profile", "email"]
        client = await create_client(ctx, "service", redirect_uris=[], scopes=scopes, user_id=staff)
        token = await issue_token(ctx, name="suite", user_id=staff)
    return client.uid, client.secret or "", token.text


def test_a_service_calls_with_jwts(devstack: Devstack) -> None:
    batch = "/api/completion/v1/completion-batch"
    block = "block-v1:edX+DemoX+Demo_Course+type@problem+block@p"
    said = {"username": "honor", "course_key": R, "blocks": {block: 1}}
    assert devstack.ask(
        {"method": "POST", "path": batch, "json": said},
        {"method": "POST", "path": batch, "json": {**said, "username": "ghost"}},
        {"method": "DELETE", "path": batch},
    ) == [
        (200, {"detail": "ok"}),
        (404, {"detail": "User matching query does not exist."}),
        (405, {"detail": 'Method "DELETE" not allowed.'}),
    ]


def test_the_clients_own_suite_is_run_whole(devstack: Devstack) -> None:
    assert devstack.tests() == {name for names in SUITE.values() for name in names}


@pytest.mark.parametrize(("needed", "names"), SUITE.items())
def test_the_clients_own_suite(devstack: Devstack, needed: str, names: Sequence[str]) -> None:
    """As far as what it asks is served; what it asks of timeouts is asked of nobody."""
    missing = set(needed.split(", ")) - SERVED
    if missing:
        pytest.skip(f"pending: {', '.join(sorted(missing))}")
    run = devstack.suite(*names)
    assert f"{len(names)} passed" in run.stdout, run.stdout
    assert run.returncode == 0
