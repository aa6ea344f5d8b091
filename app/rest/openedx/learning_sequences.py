"""The table of contents of a course run (contracts/edx-core.md §2).

All of it is read whoever asks; beside it, what the person may enter. What is not yet open stays in the table, what is
for the staff or for other groups does not.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from app.domain.catalog.keys import OLD_RUN, parse_run
from app.errors import Unauthenticated
from app.rest.openedx.asking import NOBODY, Asked
from app.rest.openedx.catalogue import ALL
from app.rest.openedx.endpoint import ANYBODY, Made, Operation
from app.rest.openedx.kinds import FLAG, MOMENT, TEXT, parameter
from app.rest.openedx.refusals import NOT_ALLOWED, NOT_FOUND, PLAIN, Refused
from app.rest.openedx.run import is_active
from app.rest.route import Call, Row, Schema, closed, nullable

TEXTS: Schema = {"type": "array", "items": TEXT}
STARTS = {"start": nullable(MOMENT), "effective_start": nullable(MOMENT)}
SECTION = closed({"id": TEXT, "title": TEXT, "sequence_ids": TEXTS, **STARTS})
SEQUENCE_FIELDS = {
    **{"id": TEXT, "title": TEXT, "accessible": FLAG, "inaccessible_after_due": FLAG},
    **STARTS,
    "due": nullable(MOMENT),
}
EXAM = closed(dict.fromkeys(("is_practice_exam", "is_proctored_enabled", "is_time_limited"), FLAG))
SEQUENCE: Schema = {"anyOf": [closed(SEQUENCE_FIELDS), closed({**SEQUENCE_FIELDS, "exam": EXAM})]}
SEQUENCES: Schema = {"type": "object", "additionalProperties": SEQUENCE}
OUTLINE = closed(
    {
        "course_key": TEXT,
        "course_start": nullable(MOMENT),
        "course_end": nullable(MOMENT),
        "title": TEXT,
        "published_at": MOMENT,
        "published_version": TEXT,
        "entrance_exam_id": nullable(TEXT),
        "days_early_for_beta": nullable({"type": "number"}),
        "self_paced": FLAG,
        "username": TEXT,
        "user_id": nullable({"type": "integer"}),
        "at_time": MOMENT,
        "outline": closed({"sections": {"type": "array", "items": SECTION}, "sequences": SEQUENCES}),
    }
)


@dataclass(frozen=True, slots=True)
class Reader:
    """For whom the table is; `is_in` says whether they may look into the run, `reads` whether at the table at least."""

    username: str
    user_id: int | None
    is_in: bool
    reads: bool


@dataclass(frozen=True, slots=True)
class Part:
    """A section or a sequence, what lies above it included in what is said of it."""

    row: Row
    starts_at: datetime | None
    is_open: bool
    """Neither for the staff nor for groups."""

    @property
    def named(self) -> Row:
        """What both kinds say of themselves."""
        starts = {"start": self.row["start_at"], "effective_start": self.starts_at}
        return {"id": self.row["usage_key"], "title": self.row["name"], **starts}


async def outline(asked: Asked) -> Mapping[str, Any]:
    """The run and the reader. Raises Refused, Unauthenticated."""
    key = asked.path["course_key_str"]
    if parse_run(key) is None or OLD_RUN.fullmatch(key):
        raise Refused(400, body=[f"{key} is not a valid CourseKey"])
    run = await asked.find_run(key)
    if run is not None:
        await asked.enter(run)
    reader = await reader_of(asked)
    parts = None if run is None else await asked.look("OutlineParts", course_instance_id=run["id"], first=ALL)
    if parts is None or not parts["blocks"]["nodes"]:
        raise missing(asked)
    if asked.ctx.principal.user_id is None and not reader.reads:
        raise Unauthenticated("the run is not public")
    asked.become(reader.user_id if reader.user_id is not None and reader.is_in else NOBODY)
    asked.found |= {"reader": reader, "parts": parts}
    return {"course_instance_id": asked.run["id"], "first": ALL}


def missing(asked: Asked) -> Exception:
    """The refusal of a table that is not there."""
    is_stranger = asked.ctx.principal.user_id is None
    return Unauthenticated("nobody is signed in") if is_stranger else Refused(404, NOT_FOUND)


async def reader_of(asked: Asked) -> Reader:
    """The caller, whom `user` names, or nobody when it is blank. Raises Refused."""
    name, caller_id = asked.given("user"), asked.ctx.principal.user_id
    is_public = bool(asked.run.get("allows_guests"))
    shows = is_public or bool(asked.run.get("has_public_outline"))
    if name == "" or (caller_id is None and name is None):
        return Reader("", None, is_public, shows)
    caller = None if caller_id is None else await asked.caller()
    if caller is not None and name in (None, caller["username"]):
        is_in = asked.is_staff or is_active(asked.enrollment) or is_public
        return Reader(caller["username"], caller_id, is_in, is_in or shows)
    if not asked.is_staff:
        raise Refused(403, NOT_ALLOWED)
    person = await asked.person(name)
    if person is None:
        raise Refused(404, NOT_FOUND)
    is_in = is_public or (bool(asked.run) and is_active(await asked.enrollment_of(person["id"])))
    return Reader(person["username"], person["id"], is_in, is_in or shows)


def parts_of(rows: Sequence[Row], run: Row) -> dict[int, Part]:
    """Sections and sequences by id, in order; `run` tells when the run starts."""
    found: dict[int, Part] = {}
    for row in rows:
        above = None if row["parent"] is None else found.get(row["parent"]["id"])
        starts = [each for each in (row["start_at"], above.starts_at if above else run["start_at"]) if each is not None]
        is_open = not row["is_staff_only"] and not row["audience"] and (above is None or above.is_open)
        if above is not None or row["kind"] == "course":
            found[row["id"]] = Part(row, max(starts, default=None), is_open)
    return found


def told(data: Row, call: Call) -> Row:
    """The table for its reader."""
    asked: Asked = data["asked"]
    reader, found = asked.found["reader"], asked.found["parts"]
    run, rows = found["run"], found["blocks"]["nodes"]
    seen = data["blocks"]["nodes"] if reader.is_in else []
    enters = {row["id"]: row["due_at"] for row in seen}
    asked.found["shut"] = {row["id"] for row in seen if row["is_gated"] or row["is_hidden"]}
    parts = parts_of(rows, run)
    shown = {key: each for key, each in parts.items() if key in enters or (reader.reads and each.is_open)}
    published = max(row["updated_at"] for row in rows)
    return {
        "course_key": asked.run["key"],
        "course_start": run["start_at"],
        "course_end": run["end_at"],
        "title": run["title"],
        "published_at": published,
        "published_version": f"{int(published.timestamp() * 1_000_000):024x}",
        "entrance_exam_id": None,
        "days_early_for_beta": run["days_early"],
        "self_paced": run["is_self_paced"],
        "username": reader.username,
        "user_id": reader.user_id,
        "at_time": call.now,
        "outline": {"sections": _sections(shown), "sequences": _sequences(shown, enters, asked)},
    }


def _sections(shown: Mapping[int, Part]) -> list[Row]:
    made = {key: {**part.named, "sequence_ids": []} for key, part in shown.items() if part.row["kind"] == "chapter"}
    for part in shown.values():
        parent = part.row["parent"]
        if part.row["kind"] == "sequential" and parent["id"] in made:
            made[parent["id"]]["sequence_ids"].append(part.row["usage_key"])
    return list(made.values())


def _sequences(shown: Mapping[int, Part], enters: Mapping[int, datetime | None], asked: Asked) -> dict[str, Row]:
    """The sequences whose sections are shown, too; `enters` has due dates of those that the reader may enter."""
    made = {}
    for key, part in shown.items():
        if part.row["kind"] == "sequential" and part.row["parent"]["id"] in shown:
            accessible = key in enters and key not in asked.found["shut"]
            told = {"accessible": accessible, "inaccessible_after_due": part.row["hides_after_due"]}
            made[part.row["usage_key"]] = {
                **part.named,
                **told,
                "due": enters.get(key, part.row["due_at"]),
                **_exam(part.row),
            }
    return made


def _exam(row: Row) -> Row:
    """What a sequence says of being an exam, where it is one."""
    if not row["is_time_limited"]:
        return {}
    said = ("is_practice_exam", "is_time_limited")
    return {"exam": {**{name: row[name] for name in said}, "is_proctored_enabled": row["is_proctored"]}}


ROUTES = [
    Operation(
        "GET",
        "/learning_sequences/v1/course_outline/{course_key_str}",
        "CourseOutline",
        Made(make=told, made=OUTLINE),
        needs=ANYBODY,
        style=PLAIN,
        plan=outline,
        parameters=(parameter("user", "Username of the person to look as; nobody in particular when blank."),),
    )
]
