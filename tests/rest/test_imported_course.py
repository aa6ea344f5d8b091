"""A real course is the same everywhere: its contents, dates, formats and grades are told alike by all families of Open
edX's routes and by the graph, to its learner and to its staff.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from pathlib import Path
from typing import Any

import httpx
import pytest
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncEngine

from app.db.session import Database
from app.domain.catalog.models import CourseInstance
from tests.conftest import saved
from tests.rest.course_tellers import Told, jumped, moment
from tests.rest.imported import imported
from tests.rest.openedx.conftest import Filled, OpenEdx

pytestmark = pytest.mark.anyio
READERS = pytest.mark.parametrize("who", ["ann", "prof"])


@pytest.fixture(scope="module", params=["studio-advanced", "mitx-grading-library"])
async def filled(engine: AsyncEngine, shared: Path, request: pytest.FixtureRequest) -> AsyncIterator[Filled]:
    """The course, written once for all tests of it."""
    async with engine.connect() as connection:
        outer = await connection.begin()
        yield await imported(connection, shared / "openedx" / f"{request.param}.tar.gz")
        await outer.rollback()


@pytest.fixture(scope="module")
def known(filled: Filled) -> dict[Any, Any]:
    """What was told already: no test of this module changes the course."""
    return {}


@pytest.fixture
async def open_database(filled: Filled) -> AsyncIterator[Callable[[], Database]]:
    """Opens databases with the course in them."""
    async with saved(filled.connection) as opened:
        yield opened


@pytest.fixture
async def told(
    open_database: Callable[[], Database], client: httpx.AsyncClient, filled: Filled, known: dict[Any, Any]
) -> Told:
    key = await filled.admin.db.scalar(select(CourseInstance.key))
    return Told(OpenEdx(client, filled), key, known)


def alike(found: dict[str, Any]) -> Any:
    """What all say, by who says it. Asserts that they say the same."""
    first = next(iter(found.values()))
    assert {name: value for name, value in found.items() if value != first} == {}
    return first


@READERS
async def test_the_contents(told: Told, who: str) -> None:
    found = {
        "home": await told.contents_of_home(who),
        **{version: await told.contents_of_blocks(who, version) for version in ("v1", "v2")},
        "as prof": await told.contents_of_blocks("prof", "v2", username=who),
        "sequences": await told.contents_of_sequences(who),
        "sequences as prof": await told.contents_of_sequences("prof", user=who),
        "graph": await told.contents_of_graph(who),
    }
    contents = alike(found)
    scores = (await told.get("course_home/progress/{}", who))["section_scores"]
    rows = [[(row["block_key"], row["display_name"]) for row in each["subsections"]] for each in scores]
    assert rows == [below for _, _, below in contents]
    assert [each["display_name"] for each in scores] == [name for _, name, _ in contents]
    (first, _, [(begin, _), *_]) = contents[0]
    place = await told.get("mobile/v1/users/ann/course_status_info/{}", "ann")
    assert place["last_visited_module_path"] == [begin, first, place["last_visited_module_path"][-1]]


@READERS
async def test_when_what_is_due(told: Told, who: str) -> None:
    home = await told.subsections_of_home(who)
    sequences = (await told.get("learning_sequences/v1/course_outline/{}", who))["outline"]["sequences"]
    found = {
        "home": {key: moment(each["due"]) for key, each in home.items()},
        "blocks": {key: moment(each.get("due")) for key, each in (await told.subsections(who)).items()},
        "as prof": {
            key: moment(each.get("due")) for key, each in (await told.subsections("prof", username=who)).items()
        },
        "sequences": {key: moment(each["due"]) for key, each in sequences.items()},
        "graph": {key: moment(each["effectiveDueAt"]) for key, each in (await told.subsections_of_graph(who)).items()},
    }
    due = alike(found)
    graded = {key for key, each in (await told.subsections(who)).items() if each["graded"]}
    dates = (await told.get("course_home/dates/{}", who))["course_date_blocks"]
    assert dates == (await told.get("course_home/outline/{}", who))["dates_widget"]["course_date_blocks"]
    assert dates == sorted(dates, key=lambda each: str(each["date"]))
    assignments = [each for each in dates if each["date_type"] == "assignment-due-date"]
    shown = {jumped(each["link"]): moment(each["date"]) for each in assignments}
    assert shown == {key: at for key, at in due.items() if at is not None and key in graded}
    assert len(set(shown.values())) == min(5, len(shown))


async def test_the_app_tells_the_dates_of_the_course_home(told: Told) -> None:
    primary = (await told.get("mobile/v4/users/ann/course_enrollments/", "ann"))["primary"]
    dates = (await told.get("course_home/dates/{}", "ann"))["course_date_blocks"]
    kept = primary["course_assignments"]["past_assignments"] + primary["course_assignments"]["future_assignments"]
    assignments = [each for each in dates if each["date_type"] == "assignment-due-date"]
    assert kept == [{name: each[name] for name in kept[0]} for each in assignments]
    home = (await told.subsections("ann", requested_fields="graded,complete")).values()
    graded = [each["complete"] for each in home if each["graded"]]
    assert primary["course_progress"] == {"total_assignments_count": len(graded), "assignments_completed": sum(graded)}


@READERS
async def test_what_is_graded_and_as_what(told: Told, who: str) -> None:
    progress = (await told.get("course_home/progress/{}", who))["section_scores"]
    rows = [row for each in progress for row in each["subsections"]]
    blocks, graph = await told.subsections(who), await told.subsections_of_graph(who)
    found = {
        "blocks": {key: (each["graded"], each.get("format")) for key, each in blocks.items()},
        "progress": {row["block_key"]: (row["has_graded_assignment"], row["assignment_type"]) for row in rows},
        "graph": {key: (each["isGraded"], each["format"]) for key, each in graph.items()},
    }
    graded = {key: kind for key, (is_graded, kind) in alike(found).items() if is_graded}
    assert len(graded) in (1, 27 if who == "ann" else 28)
    home = await told.subsections_of_home(who)
    assert {key: each["description"] for key, each in home.items() if key in graded} == graded
    info = (await told.get("grades/v1/gradebook/{}/grading-info", "prof"))["subsections"]
    row = await told.get("grades/v1/gradebook/{}/?username=ann", "prof")
    listed = {each["module_id"]: each["assignment_type"] for each in info if each["graded"]}
    shown = {each["module_id"]: each["category"] for each in row["section_breakdown"]}
    assert graded == (shown if who == "ann" else listed)
    labels = {each["module_id"]: each["label"] for each in row["section_breakdown"]}
    assert {each["module_id"]: each["short_label"] for each in info if each["short_label"]} == labels
    for key in [*graded][:3]:
        sequence = await told.get(f"courseware/sequence/{key}", who)
        assert (sequence["format"], sequence["display_name"]) == (graded[key], blocks[key]["display_name"])


@READERS
async def test_the_grade_of_the_whole(told: Told, who: str) -> None:
    ann = told.edx.keys["ann"]
    progress = (await told.get("course_home/progress/{}" + ("" if who == "ann" else f"/{ann}"), who))["course_grade"]
    asker = "ann" if who == "ann" else "staff"
    [row] = await told.get("grades/v1/courses/{}/?username=ann", asker)
    result = (await told.graph(who))["enrollments"]["nodes"][0]["courseResult"]
    whole = alike(
        {
            "progress": (progress["percent"], progress["letter_grade"], progress["is_passing"]),
            "grades": (row["percent"], row["letter_grade"], row["passed"]),
            "graph": (result["fraction"], result["letter"], result["isPassed"]),
        }
    )
    [report] = (await told.report())["results"]
    book = await told.get("grades/v1/gradebook/{}/?username=ann", "prof")
    [listed] = (await told.get("grades/v1/gradebook/{}/", "prof"))["results"]
    assert (report["current_grade"] / 100, report["passed"], book["percent"]) == (whole[0], whole[2], whole[0])
    assert (listed, whole[0] > 0) == (book, True)
    assert (await told.get("course_home/outline/{}", "ann"))["user_has_passing_grade"] is whole[2]
    assert (await told.get("courseware/course/{}", "ann"))["user_has_passing_grade"] is whole[2]


@READERS
async def test_the_grades_of_what_is_graded(told: Told, who: str) -> None:
    ann = told.edx.keys["ann"]
    progress = await told.get("course_home/progress/{}" + ("" if who == "ann" else f"/{ann}"), who)
    rows = [row for each in progress["section_scores"] for row in each["subsections"] if row["has_graded_assignment"]]
    graph = (await told.graph(who))["enrollments"]["nodes"][0]["subsectionGrades"]
    keys = ("num_points_earned", "num_points_possible", "percent_graded", "display_name")
    found = {
        "progress": {row["block_key"]: tuple(row[key] for key in keys) for row in rows},
        "graph": {
            each["block"]["usageKey"]: (each["points"], each["maxPoints"], each["fraction"], each["name"])
            for each in graph
        },
    }
    grades = alike(found)
    problems = {
        row["block_key"]: [(each["earned"], each["possible"]) for each in row["problem_scores"]] for row in rows
    }
    for each in graph:
        scores = [(score["points"], score["maxPoints"]) for score in each["problemScores"]]
        assert problems[each["block"]["usageKey"]] == scores
        if not each["isOverridden"]:
            assert sum(points for points, _ in scores) == each["points"]
    book = (await told.get("grades/v1/gradebook/{}/?username=ann", "prof"))["section_breakdown"]
    for each in book:
        earned, possible, fraction, name = grades[each["module_id"]]
        is_told = each["attempted"] or earned > 0
        assert (each["percent"], each["subsection_name"]) == (fraction, name)
        assert (each["score_earned"], each["score_possible"]) == ((earned, possible) if is_told else (0, 0))
        if is_told:
            own = await told.get(f"grades/v1/subsection/{each['module_id']}/?user_id={ann}", "prof")
            override = own["override"]
            force = own["original_grade"]["earned_graded"] if override is None else override["earned_graded_override"]
            assert force == earned
    assert [each["attempted"] for each in book].count(True) in (1, 4)


async def test_the_entries_of_the_grade(told: Told) -> None:
    [report] = (await told.report())["results"]
    for who in ("ann", "prof"):
        entries = (await told.graph(who))["enrollments"]["nodes"][0]["breakdown"]
        assert [(each["label"], each["percent"]) for each in report["section_breakdown"]] == [
            (each["label"], each["fraction"]) for each in entries
        ]
    book = (await told.get("grades/v1/gradebook/{}/?username=ann", "prof"))["section_breakdown"]
    slots = {each["label"]: each["percent"] for each in report["section_breakdown"] if "prominent" not in each}
    shown = {each["label"]: each["percent"] for each in book}
    assert shown == {label: slots.get(label, shown[label]) for label in shown}
    progress = (await told.get("course_home/progress/{}", "ann"))["grading_policy"]
    policy = await told.get("grades/v1/policy/courses/{}/", "prof")
    told_so = [(each["type"], each["num_droppable"], each["weight"]) for each in progress["assignment_policies"]]
    assert told_so == [(each["assignment_type"], each["dropped"], each["weight"]) for each in policy]
    info = await told.get("grades/v1/gradebook/{}/grading-info", "prof")
    assert progress["grade_range"] == info["grade_cutoffs"]
    averages = {each["category"]: each["percent"] for each in report["section_breakdown"] if "prominent" in each}
    whole = sum(averages[each["assignment_type"]] * each["weight"] for each in policy)
    assert report["current_grade"] == int(whole * 100 + 0.05 + 0.5)


@READERS
async def test_what_is_done(told: Told, who: str) -> None:
    home = await told.subsections_of_home(who)
    found = {
        "home": {key: each["complete"] for key, each in home.items()},
        "blocks": {key: each["complete"] for key, each in (await told.subsections(who)).items()},
        "graph": {key: each["completion"] == 1 for key, each in (await told.subsections_of_graph(who)).items()},
    }
    done = alike(found)
    for key in [key for key, is_done in done.items() if is_done][:3]:
        path = f"completion/v1/subsection-completion/{who}/{{}}/{key}"
        assert await told.get(path, who) == {"completion": 1}
        items = (await told.get(f"courseware/sequence/{key}", who))["items"]
        assert all(each["complete"] for each in items)
    resume = await told.get("courseware/resume/{}", who)
    url = (await told.get("course_home/outline/{}", who))["resume_course"]
    assert url["has_visited_course"] is (resume["block_id"] is not None)
    if who == "ann":
        assert (jumped(url["url"]), done[resume["section_id"]]) == (resume["block_id"], True)
        place = await told.get("mobile/v1/users/ann/course_status_info/{}", who)
        assert place["last_visited_block_id"] == resume["block_id"]
