"""The question bank."""

from __future__ import annotations

from collections.abc import Mapping

from app.context import Context
from app.db.bulk import Row
from app.domain.assessments.models import Question, QuestionKind
from app.importers.documents import Document
from app.importers.merge import follow_renames, merge
from app.importers.prairielearn.files import CourseFiles
from app.importers.summary import Summary

OWN_COLUMNS = ("uuid", "title", "topic", "tags")


async def merge_questions(ctx: Context, files: CourseFiles, course_id: int, summary: Summary) -> Mapping[str, int]:
    """Merge all info.json; gives the id of each `qid`. What has no column of its own is kept in `options`."""
    rows: list[Row] = []
    for qid, document in files.questions.items():
        if len(qid) > 255:
            document.fail("", "lies in a folder of more than 255 characters")
        title, topic = document.text("title"), document.optional_text("topic", 150)
        tags, uuid = document.texts("tags") or [], document.required_uuid()
        rows.append((course_id, qid, uuid, title, topic, tags, _options(document), QuestionKind.EXTERNAL.value))
    within = Question.course_id == course_id
    renamed = await follow_renames(ctx, Question, {row[:2]: row[2] for row in rows}, parent="course_id", within=within)
    merged = await merge(
        ctx,
        Question,
        rows,
        key=("course_id", "name"),
        compared=("uuid", "title", "topic", "tags", "options"),
        initial=("kind",),
        within=within,
    )
    summary.add_merged("questions", merged, renamed)
    return {qid: merged.ids[course_id, qid] for qid in files.questions}


def grading_method(document: Document) -> str:
    """`Internal`, `External` or `Manual`: who marks the answers to a question."""
    return document.optional_text("gradingMethod") or "Internal"


def _options(document: Document) -> dict[str, object]:
    return {key: document.get(key) for key in document.value if key not in OWN_COLUMNS}
