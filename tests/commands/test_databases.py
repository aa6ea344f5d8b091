"""Whole databases from the command line: migrating and importing."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

from app.domain.all import MODELS
from tests.commands.conftest import Run

SEEING = """
import asyncio
from app.commands.program import acting
from app.context import Context
from app.db.base import Base
from app.principal import Principal
from app.settings import Settings

async def seeing():
    async with acting(Settings.from_environment()) as ctx:
        somebody = Context(Principal(1), ctx.db)
        print(len([somebody.visible(each.class_) for each in Base.registry.mappers]))

asyncio.run(seeing())
"""


def test_migrating_twice_says_so(url: str, run: Run) -> None:
    assert run("migrate") == (0, "The tables were up to date already.\n", "")


def test_an_import_says_what_it_did(url: str, run: Run, shared: Path) -> None:
    course = str(shared / "prairielearn" / "pl-example-course")
    status, output, progress = run("import", "prairielearn", course)
    assert status == 0
    assert output.splitlines()[0].split() == ["organizations", "1", "created", "0", "changed", "0", "unchanged"]
    assert "course instances: 1" in progress.splitlines()
    assert run("import", "prairielearn", course)[1].splitlines()[-1] == "prairielearn: nothing changed"


def test_a_file_that_belongs_to_a_course(url: str, run: Run, shared: Path) -> None:
    autolab = shared / "autolab"
    lab = str(autolab / "assessments" / "hello.tar")
    status, _, errors = run("import", "autolab", lab)
    told = "campusgraph: hello.tar: does not tell its course: name the course instance with --course NAME"
    assert (status, errors.splitlines()[-1]) == (2, told)
    assert run("import", "autolab", str(autolab / "course" / "course.yml"))[0] == 0
    status, output, _ = run("import", "autolab", lab, "--course", "course")
    assert (status, output.splitlines()[1].split()[:2]) == (0, ["assessments", "1"])


def test_an_import_that_fails_says_why_in_its_last_line(url: str, run: Run, tmp_path: Path) -> None:
    status, output, errors = run("import", "oulad", str(tmp_path))
    assert (status, output) == (2, "")
    assert errors.splitlines()[-1] == "campusgraph: courses.csv: there is no such file, nor a gzipped one"


def test_every_command_knows_who_sees_what(url: str) -> None:
    """In a process of its own, of a database that needs no migration."""
    made = subprocess.run([sys.executable, "-c", SEEING], capture_output=True, text=True, check=True)
    assert made.stdout == f"{len(MODELS)}\n"
