"""How the gradebook of Statistics for Scientists shows and combines grades."""

from __future__ import annotations

from typing import Any

from sqlalchemy import select

from app.demo.calendar import AUTUMN_2026, FRIDAY
from app.demo.results import LETTERS
from app.demo.stage import Scene, Stage
from app.demo.statistics import PLACE, TEACHER
from app.domain.assessments.models import AnonymousGrading, AssessmentCategory
from app.domain.assessments.service import update_assessment
from app.domain.gradebook.calculations import set_calculation
from app.domain.gradebook.formulas import Term
from app.domain.gradebook.models import CalculationKind, GradeNotation, ScaleType
from app.domain.gradebook.scales import Symbol
from app.domain.gradebook.service import create_grade_notation, create_grade_schema, create_grading_period
from app.domain.grades.overrides import override_grade

TOPS = (100, *(least for least, _ in LETTERS[:-1]))
SYMBOLS = tuple(Symbol(letter, least, top) for top, (least, letter) in zip(TOPS, LETTERS, strict=True))
SCHEMAS = {
    ScaleType.TABULAR: ("Letters", SYMBOLS),
    ScaleType.PERCENT: ("Percent", ()),
    ScaleType.SCORE: ("Points", ()),
    ScaleType.TEXT: ("Words", ()),
    ScaleType.COMPLETE: ("Done or not", ()),
}
INCOMPLETE = "I"
TOLD: dict[str, dict[str, Any]] = {
    "ps01": {"display_name": "PS 1", "shows_statistics": True, "score_provider": "resource/x-bb-assignment"},
    "ps02": {"anonymous_grading": AnonymousGrading.AFTER_ALL_GRADED, "content_id": "_2217_1"},
    "midterm": {
        "anonymous_grading": AnonymousGrading.DATE,
        "anonymous_until": AUTUMN_2026.at(12, FRIDAY),
        "external_tool_id": "scanner",
    },
}


async def lay_out(stage: Stage) -> None:
    """Schemas, notations and periods; what columns are like; a weighted total in letters, an average and a sum."""
    ctx, here = stage.acting(TEACHER), {"course_instance_id": stage.cast.course_instances[PLACE]}
    schemas = {}
    for scale, (title, symbols) in SCHEMAS.items():
        told: dict[str, Any] = {**here, "title": title, "external_id": f"nbu:{scale.lower()}", "symbols": symbols}
        schemas[scale] = await create_grade_schema(ctx, scale_type=scale, description="For all.", **told)
    for code, description in ((INCOMPLETE, "Incomplete"), ("W", "Withdrawn")):
        await create_grade_notation(ctx, **here, code=code, description=description)
    for position, (title, first, last) in enumerate((("First half", 1, 8), ("Second half", 9, 16)), 1):
        dates: dict[str, Any] = {"start_at": AUTUMN_2026.at(first), "end_at": AUTUMN_2026.at(last, FRIDAY)}
        period: dict[str, Any] = {**here, "title": title, "description": f"Weeks {first} to {last}", **dates}
        await create_grading_period(ctx, **period, position=position)
    columns = {name: key for (place, name), key in stage.cast.assessments.items() if place == PLACE}
    for name, details in TOLD.items():
        await update_assessment(ctx, assessment_id=columns[name], **details)
    letters: dict[str, Any] = {"grade_schema_id": schemas[ScaleType.TABULAR], "is_external_grade": True}
    await update_assessment(ctx, assessment_id=columns["total"], **letters)
    await update_assessment(ctx, assessment_id=columns["participation"], grade_schema_id=schemas[ScaleType.TEXT])
    await _calculate(stage, columns)


async def _calculate(stage: Stage, columns: dict[str, int]) -> None:
    ctx, own = stage.acting(TEACHER), AssessmentCategory
    families = select(own.abbreviation, own.id).where(own.course_instance_id == stage.cast.course_instances[PLACE])
    categories = {row.abbreviation: row.id for row in await stage.db.fetch(families)}
    homework, exams = categories["HW"], categories["E"]
    weighted = (
        Term(category_id=homework, weight=40.0, drop_lowest=1, min_count=2),
        Term(category_id=exams, weight=50.0),
        Term(column_id=columns["participation"], weight=10.0),
    )
    total, average = columns["total"], columns["average"]
    await set_calculation(ctx, assessment_id=total, kind=CalculationKind.WEIGHTED_TOTAL, terms=weighted)
    usual = (Term(category_id=homework, drop_highest=1),)
    await set_calculation(ctx, assessment_id=average, kind=CalculationKind.AVERAGE, terms=usual)
    await set_calculation(ctx, assessment_id=columns["sum"], kind=CalculationKind.TOTAL, is_running=False)


async def put_in_words(stage: Stage) -> None:
    """Who did not take part so far is told why there are no points."""
    ctx, people, own = stage.acting(TEACHER), stage.cast.people, GradeNotation
    incomplete = await stage.db.scalar(select(own.id).where(own.code == INCOMPLETE))
    here: dict[str, Any] = {"assessment_id": stage.cast.assessments[PLACE, "participation"]}
    await override_grade(ctx, **here, user_id=people["jkeller"], grade_notation_id=incomplete)
    await override_grade(ctx, **here, user_id=people["npierce"], text="From week 8 on")


SCENES = (
    Scene(AUTUMN_2026.at(0, FRIDAY, "12:30"), lay_out),
    Scene(AUTUMN_2026.at(7, FRIDAY, "12:30"), put_in_words),
)
