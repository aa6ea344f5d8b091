"""Gradebooks from the command line: what would change, and there and back."""

from __future__ import annotations

import asyncio
from pathlib import Path

from app.commands.program import acting
from app.settings import Settings
from tests.commands.conftest import Run
from tests.importers.gradebooks import CANVAS, COURSE, ada_and_alan


def test_there_and_back(url: str, run: Run, tmp_path: Path) -> None:
    async def prepare() -> None:
        async with acting(Settings.from_environment()) as ctx, ctx.db.transaction():
            await ada_and_alan(ctx)

    asyncio.run(prepare())
    path, out = tmp_path / "grades.csv", tmp_path / "out.csv"
    path.write_text(CANVAS.replace("A2,alan", ",alan@example.edu"))
    arguments = ("import", "gradebook", str(path), "--course", COURSE)
    assert run(*arguments, "--dry-run")[1].splitlines() == [
        "COLUMN      LEARNER   BEFORE  AFTER",
        "Essay (77)  lovelace          18.50",
        "columns              1 created         0 changed         0 unchanged",
        "users                0 created         0 changed         0 unchanged",
        "enrollments          0 created         0 changed         0 unchanged",
        "note: grades.csv: columns that are only read in Canvas, not taken: 1",
        "note: grades.csv: rows of Canvas' test student, not taken: 1",
        "note: grades.csv: sections, not taken",
    ]
    assert run(*arguments)[1].splitlines()[1].split()[:2] == ["grades", "1"]
    assert run("export", "gradebook", COURSE, "--format", "canvas", "--output", str(out)) == (0, "", "")
    assert run("import", "gradebook", str(out), "--course", COURSE, "--dry-run")[1].splitlines()[-1] == (
        "gradebook: nothing changed"
    )
    assert run("export", "gradebook", COURSE)[1].splitlines() == [
        "Last Name,First Name,Username,Student ID,Email,Essay [Total Pts: 20 Score] |77",
        "Lovelace,,lovelace,a1,lovelace@uni.example,18.50",
        "Turing,,turing,,Alan@example.edu,",
    ]
    told = "campusgraph: unknown form 'xls': use canvas or blackboard or csv\n"
    assert run("export", "gradebook", COURSE, "--format", "xls") == (2, "", told)
    assert run("export", "gradebook", "nowhere") == (2, "", "campusgraph: there is no course instance 'nowhere'\n")
