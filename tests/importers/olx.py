"""A small Open edX course in a folder."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from app.context import Context
from app.importers.registry import run
from app.importers.summary import Summary

COURSE = "course.xml"
SMALL: dict[str, str] = {
    COURSE: '<course url_name="r1" org="Uni" course="C1"/>',
    "course/r1.xml": '<course display_name="Small"><chapter url_name="a"/><wiki slug="x"/></course>',
    "chapter/a.xml": '<chapter display_name="A" start="2026-01-01T00:00:00Z"><sequential url_name="s"/></chapter>',
    "sequential/s.xml": '<sequential display_name="S" graded="true" format="Lab" show_correctness="past_due">'
    '<vertical url_name="v" group_access="{&quot;5&quot;: [1]}"><html url_name="h"/><problem url_name="p" weight="4">'
    "<p>2 &lt; 3?</p></problem><odd_thing colour='red'/></vertical></sequential>",
    "html/h.xml": '<html filename="h" display_name="Read"/>',
    "html/h.html": "<p>Hello</p>\n",
    "policies/r1/policy.json": '{"course/r1": {"user_partitions": [{"id": 5, "name": "P", "scheme": "cohort", '
    '"groups": [{"id": 1, "name": "One"}]}]}, "problem/p": {"display_name": "Compare"}}',
    "policies/r1/grading_policy.json": '{"GRADER": [{"type": "Lab", "weight": 1}], '
    '"GRADE_CUTOFFS": {"B": 0.5, "A": 0.9}}',
}
Changes = Mapping[str, str | None]


def written(folder: Path, changes: Changes = {}) -> Path:  # noqa: B006 - never changed
    """The small course in a folder, with some files changed, or left out."""
    for name, text in {**SMALL, **changes}.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.unlink(missing_ok=True)
        if text is not None:
            path.write_text(text)
    return folder


async def take(ctx: Context, folder: Path, changes: Changes = {}) -> Summary:  # noqa: B006 - never changed
    return await run(ctx, "olx", written(folder, changes))
