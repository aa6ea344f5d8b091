from __future__ import annotations

import gc
import io
from pathlib import Path

import pytest

from app.context import Context
from app.errors import ConfigurationError, Forbidden
from app.importers.failure import ImportFailure
from app.importers.progress import Bar, Lines, progress_on, step
from app.importers.registry import IMPORTERS, run
from app.importers.summary import Summary
from tests.factories import anonymous
from tests.importers.folders import write_course, write_dataset

DATASET_STEPS = """\
files: 5
users: 2
enrollments: 3
course grades: 3
submissions: 4
"""


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


def test_formats_are_described() -> None:
    assert {name: importer.description for name, importer in IMPORTERS.items()} == {
        "autolab": "Autolab: a course's or assessment's .tar or .yml, a roster or gradesheet as .csv",
        "gradebook": "a gradebook as Canvas, Blackboard, Gradescope or a registrar exports it",
        "library": "an Open edX content library: Studio's .tar.gz, or its folder",
        "olx": "an Open edX course: Studio's .tar.gz, or its folder",
        "oneroster": "OneRoster 1.1: a .zip of bulk files, or their folder",
        "oulad": "Open University Learning Analytics Dataset: a folder of .csv.gz or .csv files",
        "prairielearn": "a PrairieLearn course: the folder that holds infoCourse.json",
    }


async def test_an_unknown_format(ctx: Context, tmp_path: Path) -> None:
    with pytest.raises(
        ConfigurationError,
        match=r"^unknown format 'moodle': use autolab, gradebook, library, olx, oneroster, oulad, prairielearn$",
    ):
        await run(ctx, "moodle", tmp_path)


async def test_an_option_that_the_format_does_not_have(ctx: Context, tmp_path: Path) -> None:
    with pytest.raises(ConfigurationError, match=r"^the format oulad has no option course$"):
        await run(ctx, "oulad", write_dataset(tmp_path), None, {"course": "AAA-2013J"})


async def test_only_administrators_import(ctx: Context, tmp_path: Path) -> None:
    with pytest.raises(Forbidden, match=r"^only an institution administrator may import$"):
        await run(anonymous(ctx), "oulad", write_dataset(tmp_path))


async def test_the_collector_runs_again_after_a_failure(ctx: Context, tmp_path: Path) -> None:
    with pytest.raises(ImportFailure):
        await run(ctx, "oulad", tmp_path)
    assert gc.isenabled()


async def test_progress_on_a_pipe_is_a_line_for_each_step(ctx: Context, tmp_path: Path) -> None:
    stream = io.StringIO()
    await run(ctx, "oulad", write_dataset(tmp_path), progress_on(stream))
    assert stream.getvalue() == DATASET_STEPS


async def test_progress_of_a_course(ctx: Context, tmp_path: Path) -> None:
    stream = io.StringIO()
    await run(ctx, "prairielearn", write_course(tmp_path), progress_on(stream))
    assert stream.getvalue() == "files: 5\ncourse instances: 1\n"


async def test_progress_on_a_terminal_is_a_bar(ctx: Context, tmp_path: Path) -> None:
    stream = Terminal()
    progress = progress_on(stream)
    assert isinstance(progress, Bar)
    await run(ctx, "oulad", write_dataset(tmp_path), progress)
    assert "submissions" in stream.getvalue()
    assert "4/4" in stream.getvalue()


def test_a_step_is_finished_whatever_happens() -> None:
    stream = io.StringIO()
    with pytest.raises(ZeroDivisionError), step(Lines(stream), "rows", 1_000_000) as advance:
        advance(1_000)
        raise ZeroDivisionError
    assert stream.getvalue() == "rows: 1,000\n"


def test_a_failure_names_file_and_place() -> None:
    failure = ImportFailure("a.csv", "is odd", "row 3")
    assert (str(failure), failure.file, failure.place, failure.reason) == (
        "a.csv row 3: is odd",
        "a.csv",
        "row 3",
        "is odd",
    )
    assert (failure.code, failure.status, str(ImportFailure("a.csv", "is odd"))) == (
        "IMPORT_FAILED",
        422,
        "a.csv: is odd",
    )


def test_a_summary_renders_as_plain_lines() -> None:
    summary = Summary("oulad")
    summary.add("users", created=28_785)
    summary.add("course grades", changed=2, unchanged=5)
    summary.notes.append("something was left out")
    assert summary.render() == (
        "users             28,785 created         0 changed         0 unchanged\n"
        "course grades          0 created         2 changed         5 unchanged\n"
        "note: something was left out"
    )
    assert summary.changed_anything


def test_a_summary_says_when_nothing_changed() -> None:
    summary = Summary("oulad")
    summary.add("users", unchanged=1)
    assert summary.render() == (
        "users          0 created         0 changed         1 unchanged\noulad: nothing changed"
    )
