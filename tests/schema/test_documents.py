"""Writeups and handouts through the graph: said by the staff, read by whoever sees the assessment."""

from __future__ import annotations

from hashlib import sha256
from typing import Any

import pytest

from tests.domain.site import Site
from tests.schema.client import ask, refusal, write

pytestmark = pytest.mark.anyio

DOCUMENT = "{ format url file { name contentType size sha256 url } }"
BOTH = f"assessment {{ writeup {DOCUMENT} handout {DOCUMENT} }}"
NOTHING = {"format": "NONE", "url": None, "file": None}
PAGE = "https://uni.example/lab1.html"


async def test_documents_are_set_and_read(site: Site) -> None:
    place = {"assessmentId": site.work.assessment_id}
    told = await write(site.world.instructor, "setAssessmentWriteup", BOTH, **place, url=PAGE)
    writeup = {"format": "URL", "url": PAGE, "file": None}
    assert told == {"assessment": {"writeup": writeup, "handout": NOTHING}}
    file = {"name": "lab1/start.py", "contents": "YQ=="}
    kept = await write(site.editor, "setAssessmentHandout", BOTH, **place, file=file)
    handout = kept["assessment"].pop("handout")
    assert kept == {"assessment": {"writeup": writeup}}
    assert handout["file"].pop("url").startswith("/files/assessments/")
    content = {"contentType": "text/x-python", "size": 1, "sha256": sha256(b"a").hexdigest()}
    assert handout == {"format": "FILE", "url": None, "file": {"name": "start.py", **content}}
    seen = await ask(site.world.student, "{ assessments { nodes { name handoutUrl handout { format } } } }")
    assert {"name": "lab1", "handoutUrl": None, "handout": {"format": "FILE"}} in seen["assessments"]["nodes"]
    gone = await write(site.world.admin, "setAssessmentHandout", BOTH, **place)
    assert gone == {"assessment": {"writeup": writeup, "handout": NOTHING}}


@pytest.mark.parametrize(
    ("given", "code", "field"),
    [
        ({"url": "lab1.html"}, "INVALID", ["url"]),
        ({"url": PAGE, "file": {"name": "a", "contents": ""}}, "INVALID", ["file"]),
        ({"file": {"name": "a"}}, "REQUIRED", ["file", "contents"]),
        ({"file": {"name": "a", "contents": "?"}}, "INVALID", ["file", "contents"]),
        ({"file": {"name": "/", "contents": ""}}, "INVALID", ["file", "name"]),
        ({"file": {"name": "a", "sha256": "junk"}}, "NOT_FOUND", ["file", "sha256"]),
    ],
)
@pytest.mark.parametrize("mutation", ["setAssessmentWriteup", "setAssessmentHandout"])
async def test_what_is_refused(site: Site, mutation: str, given: dict[str, Any], code: str, field: list[str]) -> None:
    refused = await refusal(site.world.instructor, mutation, assessmentId=site.work.assessment_id, **given)
    assert refused == (code, field)
