"""A file is handed in (contracts/autolab.md §4.10): from the wire into the store, then through the graph."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from app.context import Context
from app.files.spool import FileTooLarge
from app.rest.autolab.assessments import ASSESSMENT
from app.rest.autolab.endpoint import Asked, Made, Operation
from app.rest.autolab.refusals import NOT_IN_COURSE, Refused
from app.rest.autolab.submissions import first_name, whose_work
from app.rest.autolab.words import INTEGER, TEXT, versions
from app.rest.route import Call, Row, Schema, closed

FILE = "submission[file]"
MIB = 2**20
QUIZ = "Assessment is an embedded quiz"
NO_SUBMISSION = "Required parameter 'submission' not found"
NO_FILE = "Required parameter 'submission['file']' not found"
DISABLED = "Handins for this assessment is disabled"
TOO_LARGE = (
    "Submission is larger than the max allowed size ({} MB) - please remove any unnecessary logfiles and binaries."
)
WORDS = {
    "NOT_CONFIRMED": "Submission not allowed until all group members confirm their group membership",
    "GROUP_LIMIT_REACHED": "A member of your group has reached the submission limit for this assessment",
    "DROPPED": "You cannot submit because you have dropped the course.",
    "NOT_RELEASED": "We are not yet accepting submissions on this assessment.",
    "PAST_DEADLINE": "You cannot submit because it is past the deadline.",
    "LIMIT_REACHED": "You have already reached the submission limit.",
    "NOT_ENROLLED": NOT_IN_COURSE,
}
BYTES: Schema = {"type": "string", "contentMediaType": "application/octet-stream", "description": "The file."}


async def hand_in(asked: Asked) -> Mapping[str, Any]:
    """The file, put into the store, as the mutation's input. Raises Refused, in the documented order.

    No connection to the database is held while the file comes; the moment of handing in is when it is there.
    """
    rules = (await asked.look("Intake", assessment_id=asked.assessment["id"]))["assessment"]
    if rules["is_embedded_quiz"]:
        raise Refused(400, QUIZ)
    form = asked.form
    if form is None or form.file is None:
        is_named = any(name.partition("[")[0] == "submission" for name in [*asked.sent, *(form.passed if form else ())])
        raise Refused(400, NO_FILE if is_named else NO_SUBMISSION)
    if rules["disable_handins"]:
        raise Refused(403, DISABLED)
    limit = min(rules["max_size"] * MIB, asked.upload_limit)
    ctx = asked.ctx
    await ctx.db.release()
    try:
        stored = await ctx.files.put(form.file.chunks, limit)
    except FileTooLarge:
        raise Refused(403, TOO_LARGE.format(limit // MIB)) from None
    await form.read()
    asked.ctx = Context(ctx.principal, ctx.db, ctx.clock, [stored])
    sent = {"name": plain(form.file.filename), "contentType": form.file.content_type, "sha256": stored.sha256}
    return {
        "input": {"assessmentId": str(asked.assessment["id"]), "files": [sent]},
        "handin_filename": rules["handin_filename"],
        **await whose_work(asked, ctx.user_id),
    }


def plain(name: str) -> str:
    """A name that a file can have: the last part of a path, without what is not printable."""
    kept = "".join(character for character in re.split(r"[/\\]", name)[-1] if character.isprintable()).strip()
    return "handin" if kept in ("", ".", "..") else kept[-255:]


async def all_versions(asked: Asked, found: Mapping[str, Any]) -> Row:
    """What the person has handed in by now."""
    whose = {name: found[name] for name in ("user_ids", "group_ids")}
    return await asked.look("Versions", assessment_id=asked.assessment["id"], **whose)


def handed_in(data: Row, call: Call) -> Row:
    """The person's own version, and what its file is called."""
    made, found = data["handIn"]["submission"], data["found"]
    known = versions(data["assessmentInstances"]["nodes"], found["user_id"])
    version = next(number for number, each in known if each["id"] == made["id"])
    return {"version": version, "filename": f"{version}_{found['handin_filename'] or first_name(made)}"}


ROUTES = [
    Operation(
        "POST",
        ASSESSMENT + "/submit",
        "HandIn",
        Made(make=handed_in, made=closed({"version": INTEGER, "filename": TEXT})),
        form={FILE: BYTES},
        scopes=("user_submit",),
        plan=hand_in,
        then=all_versions,
        refused=403,
        words={("assessmentId", code): sentence for code, sentence in WORDS.items()},
        awaits=FILE,
    ),
]
