"""The demo university comes into an empty database, once, whole, and the same every time."""

from __future__ import annotations

import sqlite3
from datetime import datetime
from pathlib import Path

import pytest
from sqlalchemy import DateTime, func, select

from app.context import Context
from app.db.base import Base
from app.db.engine import create_engine
from app.db.migrate import reset_and_upgrade
from app.db.session import Database
from app.db.types import Instant
from app.demo import fill
from app.demo.calendar import FOUNDED, PRESENT
from app.demo.story import SCENES
from app.errors import Forbidden
from app.principal import SCOPES, Principal
from app.settings import Settings
from tests.demo.conftest import PROGRAM, Filled
from tests.domain.proof import everything

pytestmark = pytest.mark.anyio

ROWS = {
    "access_tokens": 2,
    "authorization_codes": 0,
    "browser_sessions": 0,
    "device_requests": 0,
    "oauth_clients": 0,
    "registered_documents": 0,
    "signing_keys": 0,
    "data_sources": 2,
    "enrollment_roles": 8,
    "organizations": 2,
    "terms": 3,
    "user_profiles": 128,
    "users": 148,
    "courses": 5,
    "course_instances": 9,
    "course_instance_access_rules": 5,
    "course_staff": 10,
    "enrollments": 281,
    "group_sets": 8,
    "groups": 24,
    "group_memberships": 110,
    "group_invitations": 1,
    "enrollment_invitations": 2,
    "enrollment_tracks": 4,
    "blocks": 36,
    "block_paths": 140,
    "active_days": 140,
    "block_groups": 1,
    "block_prerequisites": 1,
    "block_completions": 154,
    "learner_records": 49,
    "block_visits": 49,
    "bookmarks": 23,
    "libraries": 1,
    "library_members": 3,
    "library_blocks": 3,
    "library_progress": 2,
    "questions": 23,
    "assessment_categories": 18,
    "assessments": 32,
    "grade_schemas": 6,
    "grade_notations": 2,
    "grading_periods": 2,
    "calculations": 4,
    "calculation_terms": 7,
    "assessment_access_rules": 23,
    "assessment_extensions": 5,
    "zones": 4,
    "problems": 74,
    "assessment_instances": 695,
    "instance_questions": 2_040,
    "variants": 1_282,
    "submissions": 1_872,
    "assessment_files": 2,
    "files": 139,
    "uploads": 0,
    "submission_files": 223,
    "events": 3_598,
    "scores": 2_495,
    "column_grades": 867,
    "grade_changes": 1_169,
    "certificates": 31,
    "course_grades": 83,
    "counters": 1,
    "jobs": 5,
    "course_messages": 1,
    "message_deliveries": 0,
    "enrollment_notices": 0,
    "mail_preferences": 0,
}
PLANNED = {
    "anonymous_until",
    "birth_date",
    "certificate_available_at",
    "enrollment_start_at",
    "enrollment_end_at",
    "start_at",
    "due_at",
    "end_at",
    "expires_at",
    "closes_at",
    "locked_until",
}
"""Columns whose instants may lie ahead of the story's present, or before its beginning."""


async def test_it_is_all_there(filled: Filled) -> None:
    counts = {}
    for table in Base.metadata.sorted_tables:
        counts[table.name] = await filled.program.db.scalar(select(func.count()).select_from(table))
    assert counts == ROWS


async def test_it_says_how_much_there_is_and_who_to_be(filled: Filled) -> None:
    assert filled.lines == [
        "Northbridge University, a demonstration: 148 people, 5 courses, 9 course instances, 281 enrolments, "
        "24 groups, 32 assessments, 1,872 submissions and 867 grades.",
        "  hbergstrom  Helena Bergström, institution administrator",
        "  icarvalho   Inês Carvalho, instructor of cs101-f26 (running) and cs101-s26 (finished), owner of the course",
        "  radeyemi    Ruth Adeyemi, instructor of stat200-f26, merged of two sections",
        "  jkeller     Jonas Keller, course assistant of cs101-f26, and learner in stat200-f26-a",
        "  mokonkwo    Maya Okonkwo, learner in cs101-f26, sys213-f26, stat200-f26-a and data1x-2026t3",
        "  mchow       Mei Ling Chow, learner who failed cs101-s26 and repeats it in cs101-f26",
    ]


async def test_the_second_fill_changes_nothing(filled: Filled) -> None:
    before = await everything(filled.program)
    assert await fill(filled.program) is None
    assert await everything(filled.program) == before


async def test_only_administrators_fill(filled: Filled) -> None:
    learner = Principal.of(1, is_staff=False, scopes=frozenset(SCOPES))
    with pytest.raises(Forbidden):
        await fill(Context(learner, filled.program.db))


async def test_nothing_happened_before_the_beginning_or_after_the_present(filled: Filled) -> None:
    """Neither does a default of a column, which would be the wall clock."""
    for table in Base.metadata.sorted_tables:
        for column in table.columns:
            if isinstance(column.type, Instant | DateTime) and column.name not in PLANNED:
                ends = (await filled.program.db.fetch(select(func.min(column), func.max(column))))[0]
                for end in ends:
                    assert end is None or FOUNDED <= end <= PRESENT, column


def test_scenes_are_in_order_of_time() -> None:
    moments = [scene.at for scene in SCENES]
    assert moments == sorted(moments)
    assert (moments[0], moments[-1] < PRESENT) == (FOUNDED, True)


async def test_two_fills_are_equal(settings: Settings, tmp_path: Path) -> None:
    if not settings.is_sqlite:
        pytest.skip("SQLite tells it, whatever the database of the other tests")
    first, second = await dump(tmp_path / "first.sqlite3"), await dump(tmp_path / "second.sqlite3")
    assert first == second
    assert len(first) == sum(ROWS.values()) + len(["alembic_version"])


async def dump(path: Path) -> list[str]:
    """All rows of a newly filled SQLite database, as SQL."""
    engine = create_engine(Settings(database_url=f"sqlite+aiosqlite:///{path}"))
    await reset_and_upgrade(engine)
    async with Database(engine) as db:
        await fill(Context(PROGRAM, db, clock=lambda: datetime.max))
    await engine.dispose()
    connection = sqlite3.connect(path)
    lines = [line for line in connection.iterdump() if line.startswith("INSERT INTO")]
    connection.close()
    return lines
