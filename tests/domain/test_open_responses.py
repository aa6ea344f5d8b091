"""Open responses: read from OLX, handed in, claimed by one grader, marked by a rubric (contracts/edx-core.md §15)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import select

from app.context import Context
from app.domain.assessments.models import Problem
from app.domain.assessments.open_responses import Demand, Malformed, OpenResponse, read_open_response, restored
from app.domain.assessments.queries import open_responses_of
from app.domain.assessments.service import create_category
from app.domain.assessments.subsections import assess_block
from app.domain.attempts.files import DescribedFile
from app.domain.attempts.locking import (
    LockStatus,
    lock_statuses,
    lock_submission,
    unlock_submission,
    unlock_submissions,
)
from app.domain.attempts.models import Submission, SubmissionFile
from app.domain.attempts.queries import responses_to
from app.domain.attempts.responding import response_texts, submit_open_response
from app.domain.blocks.service import update_block
from app.domain.grades.rubrics import CriterionChoice, grade_open_response
from app.errors import Forbidden, NotFound, UserErrorCode
from tests.clock import NOW
from tests.domain.essays import ESSAY, GOOD, SETTINGS, TEXTS, Essay, essay_in
from tests.domain.proof import denied, only_row, refused
from tests.factories import University, at, coursework, handed_in, university

pytestmark = pytest.mark.anyio
EIGHT = timedelta(hours=8)


@dataclass(frozen=True, slots=True)
class Class:
    """The university with an essay."""

    world: University
    essay: Essay

    @property
    def submission_id(self) -> int:
        return self.essay.submission_id

    async def status(self, ctx: Context) -> LockStatus | None:
        return (await lock_statuses(ctx, [self.submission_id]))[0]

    async def grade(self, ctx: Context, *criteria: CriterionChoice, feedback: str = "Well.") -> int:
        return await grade_open_response(
            ctx, submission_id=self.submission_id, criteria=criteria or GOOD, feedback=feedback
        )


@pytest.fixture
async def room(ctx: Context) -> Class:
    world = await university(ctx)
    here = world.course_instance_id
    category_id = await create_category(ctx, course_instance_id=here, name="Homework", abbreviation="HW")
    return Class(world, await essay_in(world, category_id))


def test_what_olx_says() -> None:
    asked = read_open_response(ESSAY, SETTINGS)
    assert (asked.title, asked.prompts, asked.feedback_prompt) == (
        "Essay",
        ["<p>Why?</p>", "And how?"],
        "What of the whole?",
    )
    assert (asked.text, asked.files, asked.has_rich_text, asked.is_in_teams) == (
        *(Demand.REQUIRED, Demand.OPTIONAL, False, False),
    )
    assert [(each.name, each.label, each.feedback, each.max_points) for each in asked.criteria] == [
        ("Ideas", "The ideas", Demand.OPTIONAL, 3),
        ("Style", "The style", Demand.NONE, 2),
        ("Remark", "Remark", Demand.REQUIRED, 0),
    ]
    best = asked.criteria[0].options[1]
    assert (best.name, best.label, best.explanation, best.points) == ("Good", "Many", "At least two.", 3)
    assert asked.max_points == 5
    assert restored(asked.stored()) == asked


@pytest.mark.parametrize(
    ("settings", "text", "files"),
    [
        ({}, Demand.REQUIRED, Demand.NONE),
        ({"text_response": "", "file_upload_response": "required"}, Demand.NONE, Demand.REQUIRED),
        ({"text_response": "optional", "allow_file_upload": "True"}, Demand.OPTIONAL, Demand.OPTIONAL),
        ({"text_response": "sometimes"}, Demand.NONE, Demand.NONE),
    ],
)
def test_what_is_asked_for(settings: dict[str, str], text: Demand, files: Demand) -> None:
    asked = read_open_response(None, settings)
    assert (asked.text, asked.files, asked.prompts, asked.criteria) == (text, files, [""], [])


def test_a_prompt_of_old() -> None:
    asked = read_open_response(
        "<rubric><prompt>Why?</prompt></rubric>", {"teams_enabled": True, "text_response_editor": "tinymce"}
    )
    assert asked == OpenResponse(prompts=["Why?"], has_rich_text=True, is_in_teams=True)


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ("<p>", "is not XML: mismatched tag: line 1, column 21"),
        ("\0", "is not XML: not well-formed (invalid token): line 1, column 16"),
        ("</openassessment><!DOCTYPE a>", "is not XML: junk after document element: line 1, column 33"),
        ("<rubric><criterion/></rubric>", "has a criterion without a name of its own"),
        ("<rubric><criterion><name>A</name><option points='x'/></criterion></rubric>", "has an option without points"),
        (
            "<rubric><criterion><name>A</name><option points='1'/><option points='2'/></criterion></rubric>",
            "has two options of one name by the criterion 'A'",
        ),
    ],
)
def test_what_is_no_open_response(content: str, message: str) -> None:
    with pytest.raises(Malformed) as caught:
        read_open_response(content, {})
    assert str(caught.value) == message


async def test_a_graded_block_asks(room: Class) -> None:
    """The rubric says what it is worth; asked again it follows the block."""
    admin, made = room.world.admin, room.essay
    problem = await only_row(admin, Problem, made.problem_id)
    assert (problem.max_points, problem.max_manual_points) == (5.0, 5.0)
    shorter = ESSAY.replace('points="3"', 'points="4"').replace("And how?", "How?")
    await update_block(admin, block_id=made.block_id, content=shorter)
    here = room.world.course_instance_id
    other = await create_category(admin, course_instance_id=here, name="Essays", abbreviation="E")
    await assess_block(admin, block_id=made.block_id, category_id=other)
    problem = await only_row(admin, Problem, made.problem_id)
    assert (problem.max_points, problem.max_manual_points) == (6.0, 6.0)
    (asked,) = await open_responses_of(room.world.student, [made.problem_id])
    assert asked is not None
    assert (asked.prompts, asked.max_points) == (["<p>Why?</p>", "How?"], 6)
    assert await open_responses_of(room.world.outsider, [made.problem_id]) == [None]
    await update_block(admin, block_id=made.block_id, content="<p>")
    again = assess_block(admin, block_id=made.block_id, category_id=other)
    assert await refused(admin, again, UserErrorCode.INVALID, "blockId") == (
        "the open response is not XML: mismatched tag: line 1, column 21"
    )


async def test_what_is_handed_in(room: Class) -> None:
    world = room.world
    row = await only_row(world.admin, Submission, room.submission_id)
    assert row.answer == {"texts": TEXTS}
    assert len(row.uuid) == 36
    columns = (SubmissionFile.name, SubmissionFile.size, SubmissionFile.description)
    assert [tuple(each) for each in await world.admin.db.fetch(select(*columns))] == [("notes.txt", 8, "What I noted")]
    again = await submit_open_response(world.second_student, problem_id=room.essay.problem_id, texts=["1", ""])
    other = await only_row(world.admin, Submission, again)
    assert other.uuid != row.uuid
    found = {}
    for who in ("student", "second_student", "assistant", "instructor", "admin", "outsider", "loner"):
        (rows,) = await responses_to(getattr(world, who), [room.essay.problem_id], frozenset({"id"}))
        found[who] = [each.id for each in rows]
    both = [room.submission_id, again]
    assert found == {
        **{"student": [room.submission_id], "second_student": [again], "assistant": both, "instructor": both},
        **{"admin": both, "outsider": [], "loner": []},
    }


@pytest.mark.parametrize(
    ("answer", "expected"),
    [
        (None, []),
        ({"text": "a"}, []),
        ({"texts": "a"}, []),
        ({"texts": ["a", 1, None, "b"]}, ["a", "b"]),
    ],
)
def test_other_answers_have_no_texts(answer: Any, expected: list[str]) -> None:
    assert response_texts(answer) == expected


async def test_what_cannot_be_handed_in(room: Class) -> None:
    student, problem_id = room.world.student, room.essay.problem_id

    async def refuse(code: UserErrorCode, *field: str, **said: Any) -> None:
        await refused(student, submit_open_response(student, **{"problem_id": problem_id, **said}), code, *field)

    await refuse(UserErrorCode.REQUIRED, "texts")
    await refuse(UserErrorCode.REQUIRED, "texts", texts=["", " "])
    await refuse(UserErrorCode.INVALID, "texts", texts=["one"])
    await refuse(UserErrorCode.INVALID, "texts", "1", texts=["a", "b\0"])
    await refuse(
        UserErrorCode.INVALID,
        "files",
        "0",
        "description",
        texts=TEXTS,
        files=[DescribedFile("a", b"", description="\0")],
    )
    await refuse(UserErrorCode.REQUIRED, "files", "0", "content", texts=TEXTS, files=[DescribedFile("a")])
    work = await coursework(room.world)
    await refuse(UserErrorCode.INVALID, "problemId", problem_id=work.problem_ids["Style"], texts=TEXTS)
    await denied(student, submit_open_response(student, problem_id=2**70, texts=TEXTS), NotFound)


async def test_files_that_are_asked_for_or_not_taken(room: Class) -> None:
    admin, student, here = room.world.admin, room.world.student, room.essay
    a_file = [DescribedFile("a.txt", b"a")]
    category_id = await create_category(
        admin, course_instance_id=room.world.course_instance_id, name="Essays", abbreviation="E"
    )
    await update_block(admin, block_id=here.block_id, fields={"text_response": "", "file_upload_response": "required"})
    await assess_block(admin, block_id=here.block_id, category_id=category_id)
    nothing = submit_open_response(student, problem_id=here.problem_id)
    await refused(student, nothing, UserErrorCode.REQUIRED, "files")
    written = submit_open_response(student, problem_id=here.problem_id, texts=TEXTS, files=a_file)
    await refused(student, written, UserErrorCode.INVALID, "texts")
    made = await submit_open_response(student, problem_id=here.problem_id, files=a_file)
    assert (await only_row(admin, Submission, made)).answer == {"texts": []}
    await update_block(admin, block_id=here.block_id, fields={})
    await assess_block(admin, block_id=here.block_id, category_id=category_id)
    filed = submit_open_response(student, problem_id=here.problem_id, texts=TEXTS, files=a_file)
    await refused(student, filed, UserErrorCode.INVALID, "files")


async def test_a_claim_is_one_graders_for_eight_hours(room: Class) -> None:
    """edx case 52: claimed by one, refused to the other."""
    tom, ida, claim = room.world.assistant, room.world.instructor, {"submission_id": room.submission_id}
    assert await room.status(tom) is LockStatus.UNLOCKED
    assert await lock_submission(tom, **claim) == room.submission_id
    assert [await room.status(each) for each in (tom, ida, room.world.student)] == [
        LockStatus.OWN,
        LockStatus.LOCKED,
        None,
    ]
    await refused(ida, lock_submission(ida, **claim), UserErrorCode.LOCKED, "submissionId")
    await refused(ida, unlock_submission(ida, **claim), UserErrorCode.LOCKED, "submissionId")
    later = NOW + timedelta(hours=1)
    await lock_submission(at(tom, later), **claim)
    nearly, over = later + EIGHT - timedelta(microseconds=1), later + EIGHT
    await refused(ida, lock_submission(at(ida, nearly), **claim), UserErrorCode.LOCKED, "submissionId")
    assert await room.status(at(ida, nearly)) is LockStatus.LOCKED
    assert await room.status(at(ida, over)) is LockStatus.UNLOCKED
    await lock_submission(at(ida, over), **claim)
    assert await room.status(at(tom, over)) is LockStatus.LOCKED
    await unlock_submission(at(ida, over), **claim)
    await unlock_submission(at(ida, over), **claim)
    assert await room.status(at(tom, over)) is LockStatus.UNLOCKED


async def test_many_claims_are_given_up_but_not_those_of_others(room: Class) -> None:
    tom, ida, problem_id = room.world.assistant, room.world.instructor, room.essay.problem_id
    again = await submit_open_response(room.world.second_student, problem_id=problem_id, texts=TEXTS)
    work = await coursework(room.world)
    elsewhere = await handed_in(room.world.student, work)
    await lock_submission(tom, submission_id=room.submission_id)
    await lock_submission(tom, submission_id=elsewhere)
    await lock_submission(ida, submission_id=again)
    keys = [room.submission_id, again, elsewhere, 999, 2**70, -1]
    assert await unlock_submissions(tom, problem_id=problem_id, submission_ids=keys) == problem_id
    found = await lock_statuses(tom, [room.submission_id, again, elsewhere])
    assert found == [LockStatus.UNLOCKED, LockStatus.LOCKED, LockStatus.OWN]


async def test_who_may_not_claim(room: Class) -> None:
    world, claim = room.world, {"submission_id": room.submission_id}
    await denied(world.student, lock_submission(world.student, **claim), Forbidden)
    for ctx in (world.second_student, world.outsider, world.loner, world.previewer):
        await denied(ctx, lock_submission(ctx, **claim), NotFound)
    await denied(world.instructor, lock_submission(world.instructor, submission_id=2**70), NotFound)
