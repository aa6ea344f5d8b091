"""The README of app/rest tells what is served today, and shows code that is there."""

from __future__ import annotations

import re

from tests.rest.coverage import LEDGER, README, TITLES, table, with_coverage

FENCED = re.compile(r"`(?P<file>[\w./]+)`\n\n```\w+\n(?P<code>.*?)```", re.DOTALL)


def test_the_table_is_current() -> None:
    """Write it with `python -m tests.rest.coverage`."""
    readme = README.read_text()
    assert with_coverage(readme) == readme
    assert readme.count(table()) == 1


def test_the_table_has_every_system_of_the_ledger() -> None:
    assert {path.name.partition(".")[0] for path in LEDGER.iterdir()} == set(TITLES)


def test_a_system_that_is_served_whole() -> None:
    assert "| PrairieLearn | 12 | 12 | 0 |" in table().splitlines()


def test_the_example_is_in_the_files_that_it_names() -> None:
    found = FENCED.findall(README.read_text())
    assert [file for file, _ in found] == ["prairielearn/course_instances.graphql", "prairielearn/course_instances.py"]
    for file, code in found:
        assert code in (README.parent / file).read_text()
