"""A file puts people into the cohorts of a course run, in the background (contracts/edx-core.md §10)."""

from __future__ import annotations

import json

import pytest

from app.domain.jobs.running import Station
from tests.rest.openedx.conftest import OpenEdx, R
from tests.rest.openedx.stations import station
from tests.rest.openedx.test_cohorts import COHORTS, COURSE, made, stored

pytestmark = pytest.mark.anyio
__all__ = ["station"]

CSV = b"\xef\xbb\xbfcohort,username,email\r\nA,ann,\r\nA,,new@x.org\r\nNone such,bob,\r\nB,bob,bob@uni.example\r\n"


async def test_a_file_puts_people_into_cohorts(edx: OpenEdx, station: Station) -> None:
    keys = [await made(edx), await made(edx, "B")]
    sent = {"uploaded-file": ("cohorts.csv", CSV, "text/csv")}
    assert await edx.told(f"{COURSE}/users", "staff", "POST", files=sent) == (204, None)
    assert (await stored(edx))[1:] == [0, 0]
    [task] = (await edx.body(f"/api/instructor/v1/tasks/{R}", "staff"))["tasks"]
    assert (task["task_type"], task["task_state"], task["requester"]) == ("cohort_students", "SCHEDULED", "staff")
    assert json.loads(task["task_input"]) == {"rows": 4, "file_name": "cohorts.csv"}
    assert await station.run_next() is True
    pages = [await edx.body(f"{COHORTS}{key}/users/", "staff") for key in keys]
    assert [[each["username"] for each in page["results"]] for page in pages] == [["ann"], ["bob"]]
    assert (await stored(edx))[1:] == [2, 1]
    [report] = (await edx.body(f"/api/instructor/v1/reports/{R}", "staff"))["downloads"]
    content = (await edx.get(report["url"], "staff")).text
    assert content.splitlines() == [
        "\ufeffCohort Name,Exists,Learners Added,Learners Not Found,Invalid Email Addresses,Preassigned Learners",
        "A,True,1,,,new@x.org",
        "None such,False,0,,,",
        "B,True,1,,,",
    ]


async def test_how_large_a_file_may_be(edx: OpenEdx, station: Station) -> None:
    """2 MB, although other bodies are limited to 1 MiB."""
    key = await made(edx)
    line = b"A,someone@uni.example," + b"x" * 77 + b"\n"
    head = b"cohort,email,x\n"
    content = head + line * ((2_000_000 - len(head)) // 100)
    sent = {"uploaded-file": ("cohorts.csv", content, "text/csv")}
    assert await edx.told(f"{COURSE}/users", "staff", "POST", files=sent) == (204, None)
    assert await station.run_next() is True
    assert (await edx.body(f"{COHORTS}{key}", "staff"))["user_count"] == 0
    assert (await stored(edx))[1:] == [0, 1]
    larger = {"uploaded-file": ("cohorts.csv", content + line, "text/csv")}
    status, body = await edx.told(f"{COURSE}/users", "staff", "POST", files=larger)
    assert (status, body["error_code"]) == (400, "failed-validation")
    assert await station.run_next() is False


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"cohort\r\nA\r\n",
        b"username\r\nann\r\n",
        b"\xff\xfe",
        b'cohort,username\r\n"A',
        b"a\0b,cohort,email\r\n",
    ],
)
async def test_files_that_are_no_good(edx: OpenEdx, content: bytes) -> None:
    await made(edx)
    before = await stored(edx)
    sent = {"uploaded-file": ("cohorts.csv", content, "text/csv")}
    status, body = await edx.told(f"{COURSE}/users", "staff", "POST", files=sent)
    assert (status, body and body["error_code"]) in ((400, "failed-validation"), (204, None))
    status, body = await edx.told(f"{COURSE}/users", "staff", "POST")
    assert (status, body["error_code"]) == (400, "failed-validation")
    assert await stored(edx) == before
