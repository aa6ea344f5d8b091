"""(d) The import of the Open University dataset, beside its rows loaded into tables of the files' own columns."""

from __future__ import annotations

import csv
import gzip
import os
import sqlite3
import tempfile
from collections.abc import AsyncIterator, Iterator
from contextlib import closing
from pathlib import Path

from app.context import Context
from app.db.engine import create_engine
from app.db.migrate import upgrade
from app.db.session import Database
from app.importers.registry import run
from app.settings import Settings
from tests.benchmarks.comparison import Answer, Comparison
from tests.benchmarks.stage import PROGRAM, Stage
from tests.clock import NOW

DATA = Path(os.environ.get("CAMPUSGRAPH_TEST_DATA", Path(__file__).parents[3] / "shared" / "data"))
SOURCE = DATA / "oulad"
TAKEN = ("courses", "assessments", "studentInfo", "studentRegistration", "studentAssessment")


async def import_whole(target: Path) -> int:
    """The import into a new SQLite file; how many statements it takes."""
    engine = create_engine(Settings(database_url=f"sqlite+aiosqlite:///{target}"))
    try:
        await upgrade(engine)
        async with Database(engine) as db:
            await run(Context(PROGRAM, db, lambda: NOW), "oulad", SOURCE)
            return db.statements
    finally:
        await engine.dispose()


def load_rows(target: Path) -> int:
    """The rows as they are, in one transaction; how many statements that takes."""
    with closing(sqlite3.connect(target)) as connection:
        for name in TAKEN:
            with gzip.open(SOURCE / f"{name}.csv.gz", "rt", newline="") as file:
                rows: Iterator[list[str]] = csv.reader(file)
                columns = next(rows)
                connection.execute(f"CREATE TABLE {name} ({', '.join(columns)})")
                marks = ", ".join("?" * len(columns))
                connection.executemany(f"INSERT INTO {name} VALUES ({marks})", rows)
        connection.commit()
    return len(TAKEN)


async def compare(stage: Stage) -> AsyncIterator[Comparison]:
    """Both into fresh SQLite files; reading, and making the tables, are included."""
    if not stage.settings.is_sqlite:
        return

    async def ours() -> Answer:
        with tempfile.TemporaryDirectory() as folder:
            return Answer(b"", await import_whole(Path(folder) / "oulad.sqlite3"))

    async def theirs() -> Answer:
        with tempfile.TemporaryDirectory() as folder:
            return Answer(b"", load_rows(Path(folder) / "rows.sqlite3"))

    yield Comparison("d", "import of 239,286 rows", "SQLite", ours, theirs, repeats=3, warm_up=1)
