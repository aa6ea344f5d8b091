"""The committed schema is the one that is served."""

from __future__ import annotations

from pathlib import Path

import schema
from schema.graph import build

PRINTED = Path(schema.__file__).with_name("schema.graphql")


def test_the_committed_schema_is_the_one_that_is_served() -> None:
    committed = PRINTED.read_text() if PRINTED.is_file() else ""
    current = build().strawberry.as_str() + "\n"
    assert committed == current, "out of date: run `campusgraph schema print > schema/schema.graphql`"
