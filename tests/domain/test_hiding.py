"""Blocks that hide what lies below them once they have been due, what starts later, and where films are."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import select

from app.context import Context
from app.domain.assessments.access import grant_extension
from app.domain.assessments.models import Problem
from app.domain.attempts.service import start_assessment_instance
from app.domain.blocks.completion import NewCompletion, completions_of, record_completion
from app.domain.blocks.hiding import hidden, scheduled
from app.domain.blocks.models import Block
from app.domain.blocks.service import create_block, update_block
from app.domain.blocks.videos import Video, read_video, videos_of
from app.domain.enrollment.offerings import update_course_instance
from app.errors import UserErrorCode
from tests.clock import NOW
from tests.domain.proof import CALLERS, context_of, refused
from tests.factories import at, handed_in, university
from tests.graded import Graded, graded

pytestmark = pytest.mark.anyio
DAY = timedelta(days=1)
PAST, AHEAD = NOW - DAY, NOW + DAY
INSIDE = "set-problem"


@pytest.fixture
async def course(ctx: Context) -> Graded:
    """A homework that hides its problem once it has been due, yesterday."""
    made = await graded(await university(ctx))
    await change(made, "set", hides_after_due=True, due_at=PAST)
    return made


async def change(course: Graded, name: str, **details: Any) -> None:
    """A block says something else."""
    await update_block(course.world.instructor, block_id=course.blocks[name], **details)


async def seen(course: Graded, ctx: Context) -> list[str]:
    """The names of the blocks that somebody sees."""
    found = {row[0] for row in await ctx.db.fetch(select(Block.id).where(ctx.visible(Block)))}
    return [name for name, key in course.blocks.items() if key in found]


@pytest.mark.parametrize(
    ("due_at", "hides", "is_hidden"),
    [(PAST, True, True), (NOW, True, False), (AHEAD, True, False), (PAST, False, False), (None, True, False)],
)
async def test_when_it_hides(course: Graded, due_at: datetime | None, hides: bool, is_hidden: bool) -> None:
    await change(course, "set", hides_after_due=hides, due_at=due_at)
    student, keys = course.world.student, [course.blocks[name] for name in ("set", INSIDE, "text")]
    assert (INSIDE not in await seen(course, student)) is is_hidden
    assert await hidden(student, keys) == [is_hidden, False, False]


@pytest.mark.parametrize("caller", CALLERS)
async def test_from_whom_it_hides(course: Graded, caller: str) -> None:
    ctx = context_of(course.world, caller)
    is_staff = caller in ("previewer", "assistant", "instructor", "admin")
    everything = ["course", "chapter", "set", INSIDE, "text"]
    shown = everything if is_staff else [name for name in everything if name != INSIDE]
    assert await seen(course, ctx) == (shown if is_staff or caller == "student" else [])
    assert await hidden(ctx, [course.blocks["set"]]) == [caller == "student"]


async def test_a_due_date_above_counts_where_it_says_none(course: Graded) -> None:
    await change(course, "set", due_at=None)
    for due_at, is_hidden in ((PAST, True), (AHEAD, False)):
        await change(course, "chapter", due_at=due_at)
        assert (INSIDE not in await seen(course, course.world.student)) is is_hidden
    await change(course, "course", due_at=PAST)
    assert INSIDE in await seen(course, course.world.student)


@pytest.mark.parametrize(
    ("dates", "is_hidden"),
    [
        ({"due_at": AHEAD}, False),
        ({"due_at": PAST}, True),
        ({"due_at": None, "end_at": None}, False),
        ({"due_at": None, "end_at": AHEAD}, True),
    ],
)
async def test_ones_own_date_counts(course: Graded, dates: dict[str, Any], is_hidden: bool) -> None:
    work: dict[str, Any] = {"assessment_id": course.first.assessment_id, "user_id": course.world.student_id}
    await grant_extension(course.world.instructor, **work, **dates)
    assert (INSIDE not in await seen(course, course.world.student)) is is_hidden
    assert INSIDE not in await seen(course, course.world.second_student)


async def test_ones_own_date_may_be_earlier(course: Graded) -> None:
    await change(course, "set", due_at=AHEAD)
    work: dict[str, Any] = {"assessment_id": course.first.assessment_id, "user_id": course.world.student_id}
    await grant_extension(course.world.instructor, **work, due_at=PAST)
    assert INSIDE not in await seen(course, course.world.student)
    assert INSIDE in await seen(course, course.world.second_student)


async def test_at_ones_own_pace_it_hides_at_the_end(course: Graded) -> None:
    admin, here = course.world.admin, course.world.course_instance_id
    for end_at, is_hidden in ((None, False), (AHEAD, False), (PAST, True)):
        await update_course_instance(admin, course_instance_id=here, is_self_paced=True, end_at=end_at)
        assert (INSIDE not in await seen(course, course.world.student)) is is_hidden


async def test_what_is_hidden_is_neither_answered_nor_completed(course: Graded) -> None:
    student, work = course.world.student, course.first
    await change(course, "set", due_at=AHEAD)
    await handed_in(student, work)
    late = at(student, AHEAD + DAY)
    assert await late.db.fetch(select(Problem.id).where(late.visible(Problem))) == []
    await refused(late, handed_in(late, work), UserErrorCode.PAST_DEADLINE, "assessmentInstanceId")
    second = at(course.world.second_student, AHEAD + DAY)
    starting = start_assessment_instance(second, assessment_id=work.assessment_id)
    await refused(second, starting, UserErrorCode.PAST_DEADLINE, "assessmentId")
    done = record_completion(
        late,
        course_instance_id=course.world.course_instance_id,
        completions=[NewCompletion(course.blocks[INSIDE], 1.0)],
    )
    await refused(late, done, UserErrorCode.NOT_FOUND, "completions", "0", "blockId")
    assert await completions_of(late, [course.blocks["set"]]) == [0.0]
    await handed_in(at(course.world.instructor, AHEAD + DAY), work)


async def test_what_starts_later(course: Graded) -> None:
    keys = [course.blocks[name] for name in ("course", "chapter", "set", "text")]
    student = course.world.student
    assert await scheduled(student, keys) == [False] * 4
    await change(course, "text", start_at=AHEAD)
    assert await scheduled(student, keys) == [True, True, False, False]
    assert await scheduled(course.world.instructor, keys) == [True, True, False, True]
    assert await scheduled(at(student, AHEAD), keys) == [False] * 4
    await change(course, "chapter", is_staff_only=True)
    assert await scheduled(student, keys) == [False] * 4
    assert await scheduled(course.world.anonymous, keys) == [False] * 4


async def test_exams_say_so(course: Graded) -> None:
    said: dict[str, Any] = {"is_time_limited": True, "is_proctored": True, "is_practice_exam": True}
    await change(course, "set", **said, time_limit_minutes=90)
    own = Block
    columns = (own.is_time_limited, own.is_proctored, own.is_practice_exam, own.time_limit_minutes)
    (row,) = await course.world.admin.db.fetch(select(*columns).where(own.id == course.blocks["set"]))
    assert tuple(row) == (True, True, True, 90)
    for minutes in (0, -1, 2**40):
        write = update_block(course.world.instructor, block_id=course.blocks["set"], time_limit_minutes=minutes)
        await refused(course.world.instructor, write, UserErrorCode.OUT_OF_RANGE, "timeLimitMinutes")


FILM = "https://media.example/film.mp4"
ELEMENTS = f'<source src="{FILM}?a=1&amp;b=2"/><video_asset client_video_id="x" duration="12.5"/>'
LENGTHS = '<video_asset duration="x"/><video_asset duration="0"/>'


@pytest.mark.parametrize(
    ("fields", "content", "video"),
    [
        ({}, None, None),
        ({"display_name": "x", "html5_sources": "[]", "youtube_id_1_0": ""}, "<track/>", None),
        ({"youtube_id_1_0": "3_yD-cEKoCk"}, None, Video("3_yD-cEKoCk", [], None, False)),
        ({"youtube": "0.75:slow,1.00:norm_al-1,1.25:fast"}, None, Video("norm_al-1", [], None, False)),
        ({"youtube": "1.5:one"}, None, None),
        ({"html5_sources": f'["{FILM}", "{FILM}", 7]'}, "", Video(None, [FILM], None, False)),
        ({"html5_sources": [FILM], "only_on_web": "true"}, None, Video(None, [FILM], None, True)),
        ({"only_on_web": True}, ELEMENTS, Video(None, [f"{FILM}?a=1&b=2"], 12.5, True)),
        ({"html5_sources": "[", "youtube": 7}, "<source src='a'/>", Video(None, ["a"], None, False)),
        ({"html5_sources": [FILM]}, "<source>", None),
        ({"html5_sources": [FILM]}, LENGTHS, Video(None, [FILM], None, False)),
        ({"html5_sources": {"a": 1}, "youtube_id_1_0": ["x"]}, '<source src="">', None),
    ],
)
def test_what_a_video_says(fields: dict[str, Any], content: str | None, video: Video | None) -> None:
    assert read_video(fields, content) == video


async def test_who_sees_where_a_film_is(course: Graded) -> None:
    below: dict[str, Any] = {
        "course_instance_id": course.world.course_instance_id,
        "parent_id": course.blocks["chapter"],
    }
    said = {"html5_sources": [FILM]}
    film = await create_block(course.world.admin, kind="video", fields=said, **below)
    other = await create_block(course.world.admin, kind="html", fields=said, **below)
    found = Video(None, [FILM], None, False)
    for caller in CALLERS:
        expected = None if caller in ("anonymous", "loner", "outsider") else found
        assert await videos_of(context_of(course.world, caller), [film, other]) == [expected, None]
