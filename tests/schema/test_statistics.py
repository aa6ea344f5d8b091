"""Statistics of assessments against Python's own, on chosen and on random grades."""

from __future__ import annotations

import asyncio
import statistics
from collections.abc import AsyncIterator
from random import Random
from typing import Any

import pytest
from sqlalchemy import delete, insert, select, update
from sqlalchemy.ext.asyncio import AsyncEngine

from app.context import Context
from app.domain.assessments.models import Assessment, AssessmentCategory
from app.domain.enrollment.models import Enrollment
from app.domain.grades.models import ColumnGrade
from app.domain.identity.models import User
from app.principal import SCOPES, Principal
from tests.clock import NOW
from tests.conftest import RolledBackDatabase
from tests.factories import University, university
from tests.schema.client import ask

DOCUMENT = """query ($ids: [Int]) { assessments(where: {databaseId: {in: $ids}}) { nodes { statistics {
    count mean standardDeviation minimum lowerQuartile median upperQuartile maximum histogram { lower upper count }
} } } }"""
MOST = 60
CHANCE = Random(2024)
CASES: dict[str, list[float]] = {
    "none": [],
    "one": [37.5],
    "two": [0.0, 100.0],
    "three": [10.0, 20.0, 40.0],
    "four": [10.0, 20.0, 40.0, 80.0],
    "five": [1.0, 2.0, 3.0, 4.0, 5.0],
    "equal": [66.66666666666667] * 7,
    "edges": [0.0, 9.999999999999998, 10.0, 20.0, 29.999999999999996, 30.0, 90.0, 99.99999999999999, 100.0, 130.0],
    "below": [-5.0, 0.0, 5.0],
    **{f"random {size}": [CHANCE.gauss(60, 25) for _ in range(size)] for size in (6, 7, 8, 9, 23, 40, 60)},
    "coarse": [CHANCE.randrange(0, 12) * 10.0 for _ in range(50)],
}


@pytest.fixture(scope="module")
async def term(engine: AsyncEngine) -> AsyncIterator[tuple[University, list[int]]]:
    """A university, and the keys of sixty learners in the first course instance."""
    async with engine.connect() as connection:
        outer = await connection.begin()
        db = RolledBackDatabase(connection, asyncio.Lock())
        ctx = Context(Principal(None, is_admin=True, scopes=frozenset(SCOPES)), db, clock=lambda: NOW)
        world = await university(ctx)
        names = [f"learner{number}" for number in range(MOST)]
        await db.execute(insert(User), [{"username": name, "uid": name, "uuid": name} for name in names])
        keys = [row[0] for row in await db.fetch(select(User.id).where(User.username.in_(names)))]
        common = {"course_instance_id": world.course_instance_id, "enrolled_at": NOW}
        await db.execute(insert(Enrollment), [{**common, "user_id": key} for key in keys])
        yield world, keys
        await outer.rollback()


@pytest.fixture
async def here(term: tuple[University, list[int]]) -> AsyncIterator[tuple[University, list[int]]]:
    """The module's university, which forgets what the test writes."""
    savepoint = await (await term[0].admin.db.connection()).begin_nested()
    yield term
    await savepoint.rollback()


async def graded(here: tuple[University, list[int]], name: str, values: list[float]) -> int:
    """An assessment with these percentages of the first learners; its id."""
    world, learners = here
    db, place = world.admin.db, {"course_instance_id": world.course_instance_id}
    category = {"name": name, "abbreviation": "C", "heading": name, "number": 1}
    category_id = await db.scalar(
        insert(AssessmentCategory).values(**place, **category).returning(AssessmentCategory.id)
    )
    details = {"category_id": category_id, "name": name, "title": name, "number": "1", "uuid": name, "max_points": 50.0}
    assessment_id: int = await db.scalar(insert(Assessment).values(**place, **details).returning(Assessment.id))
    await db.execute(delete(ColumnGrade).where(ColumnGrade.assessment_id == assessment_id))
    rows = [
        {
            **{"assessment_id": assessment_id, "user_id": learner, "max_points": 50.0, "change_index": index},
            **{"points": value / 2, "score_perc": value, **place},
        }
        for index, (learner, value) in enumerate(zip(learners, values, strict=False))
    ]
    if rows:
        await db.execute(insert(ColumnGrade), rows)
    return assessment_id


async def told(ctx: Context, *ids: int) -> list[Any]:
    """The statistics of assessments."""
    nodes = (await ask(ctx, DOCUMENT, ids=list(ids)))["assessments"]["nodes"]
    return [each["statistics"] for each in nodes]


def histogram(values: list[float]) -> list[dict[str, Any]]:
    """Ten bins of ten percent; the first has all that is below, the last all that is above."""
    bins = [min(max(int(value // 10), 0), 9) for value in values]
    return [
        {"lower": 10.0 * index, "upper": 10.0 * (index + 1) if index < 9 else None, "count": bins.count(index)}
        for index in range(10)
    ]


def expected(values: list[float]) -> dict[str, Any]:
    """What Python computes."""
    quartiles = statistics.quantiles(values, n=4, method="inclusive") if len(values) > 1 else values * 3
    names = ("lowerQuartile", "median", "upperQuartile")
    return {
        "count": len(values),
        "mean": statistics.fmean(values),
        "standardDeviation": statistics.pstdev(values),
        "minimum": min(values),
        **dict(zip(names, quartiles, strict=True)),
        "maximum": max(values),
        "histogram": histogram(values),
    }


@pytest.mark.parametrize("case", [name for name in CASES if CASES[name]])
async def test_statistics_are_those_of_python(here: tuple[University, list[int]], case: str) -> None:
    values = CASES[case]
    (found,) = await told(here[0].instructor, await graded(here, case, values))
    wanted = expected(values)
    assert found.pop("histogram") == wanted.pop("histogram")
    assert [found.pop(name) for name in ("count", "minimum", "maximum")] == [len(values), min(values), max(values)]
    spread = found.pop("standardDeviation")
    assert spread == pytest.approx(wanted["standardDeviation"], abs=1e-5)
    assert found == {name: pytest.approx(wanted[name], rel=1e-12) for name in found}


async def test_without_grades_there_is_nothing_to_tell(here: tuple[University, list[int]]) -> None:
    (found,) = await told(here[0].instructor, await graded(here, "none", []))
    assert found.pop("histogram") == histogram([])
    assert found.pop("count") == 0
    assert set(found.values()) == {None}


async def test_assessments_do_not_mix(here: tuple[University, list[int]]) -> None:
    names = ["three", "none", "random 23", "two"]
    keys = [await graded(here, name, CASES[name]) for name in names]
    found = await told(here[0].admin, *keys)
    assert [each["count"] for each in found] == [len(CASES[name]) for name in names]
    assert [each["median"] for each in found] == [20.0, None, statistics.median(CASES["random 23"]), 50.0]
    assert [each["maximum"] for each in found] == [40.0, None, max(CASES["random 23"]), 100.0]


async def test_who_counts(here: tuple[University, list[int]]) -> None:
    """Learners with a percentage who are not exempted; those who have dropped count, the staff does not."""
    world, learners = here
    assessment_id = await graded(here, "case", [10.0, 20.0, 30.0, 40.0, 50.0, 60.0])
    db, own = world.admin.db, ColumnGrade
    here_too = (Enrollment.course_instance_id == world.course_instance_id, Enrollment.user_id == learners[3])
    for learner, values in ((learners[0], {"is_exempt": True}), (learners[1], {"score_perc": None})):
        await db.execute(update(own).where(own.assessment_id == assessment_id, own.user_id == learner).values(**values))
    await db.execute(update(Enrollment).where(*here_too).values(role="COURSE_ASSISTANT"))
    dropped = Enrollment.user_id == learners[4]
    await db.execute(update(Enrollment).where(dropped).values(status="DROPPED"))
    (found,) = await told(world.instructor, assessment_id)
    assert (found["count"], found["minimum"], found["maximum"], found["mean"]) == (3, 30.0, 60.0, 140.0 / 3)


READERS = {"student": False, "previewer": False, "assistant": True, "instructor": True, "admin": True}


@pytest.mark.parametrize("reader", READERS)
async def test_the_staff_who_see_learners_see_statistics(here: tuple[University, list[int]], reader: str) -> None:
    """Others see the assessment and no statistics; who sees no assessment sees neither."""
    key = await graded(here, "three", CASES["three"])
    (found,) = await told(getattr(here[0], reader), key)
    assert (found is not None) is READERS[reader]
    assert await told(here[0].outsider, key) == []
