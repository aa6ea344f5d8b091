"""Opaque keys of course runs and blocks, taken apart and made (contracts/edx-core.md §0.3)."""

from __future__ import annotations

import pytest

from app.domain.catalog.keys import Run, Usage, parse_run, parse_usage, usage_key

DEMO = Run("edX", "DemoX", "2026")
RUNS = {
    "course-v1:edX+DemoX+2026": DEMO,
    "course-v1:edX+DemoX+2026+branch@draft-branch": DEMO,
    "course-v1:edX+DemoX+2026+version@519665f6223ebd6980884f2b": DEMO,
    "course-v1:edX+Demo.X~1+R-1:2": Run("edX", "Demo.X~1", "R-1:2"),
    "course-v1:Ünïv+Bür_1+ß": Run("Ünïv", "Bür_1", "ß"),
    "some/fake/course": Run("some", "fake", "course"),
    "ccx-v1:edX+DemoX+2026+ccx@7": DEMO,
}
NO_RUNS = [
    "course-v1:edX+DemoX",
    "course-v1:a+b+c/d",
    "course-v1:a b c",
    "course-v1:a+b+c+",
    "course-v1:a+b+c ",
    "course-v1:a+b+c\n",
    "course-v1:a++c",
    "course-v2:a+b+c",
    "course-v1:a+b+c+version@12",
    "ccx-v1:a+b+c",
    "ccx-v1:a+b+c+ccx@x",
    "a:b:c",
    "a/b",
    "1",
    "",
]
USAGES = {
    "block-v1:edX+DemoX+2026+type@problem+block@a1%20b": Usage("edX", "DemoX", "2026", "problem", "a1%20b"),
    "block-v1:edX+DemoX+2026+type@course+block@course": Usage("edX", "DemoX", "2026", "course", "course"),
    "block-v1:edX+DemoX+2026+branch@published+type@drag-and-drop-v2+block@x": Usage(
        "edX", "DemoX", "2026", "drag-and-drop-v2", "x"
    ),
    "ccx-block-v1:edX+DemoX+2026+ccx@7+type@html+block@x": Usage("edX", "DemoX", "2026", "html", "x"),
    "i4x://edX/DemoX/html/welcome": Usage("edX", "DemoX", None, "html", "welcome"),
}
NO_USAGES = [
    "block-v1:edX+DemoX+2026",
    "block-v1:edX+DemoX+2026+type@html",
    "block-v1:edX+DemoX+2026+type@html+block@",
    "block-v1:edX+DemoX+2026+type@html+block@a b",
    "block-v1:edX+DemoX+2026+type@html+block@a\n",
    "block-v1:edX+DemoX+type@html+block@a",
    "course-v1:edX+DemoX+2026",
    "i4x://edX/DemoX/html",
    "",
]


@pytest.mark.parametrize(("key", "parts"), RUNS.items())
def test_the_parts_of_a_run(key: str, parts: Run) -> None:
    assert parse_run(key) == parts


@pytest.mark.parametrize("key", [*NO_RUNS, *USAGES])
def test_what_is_no_run(key: str) -> None:
    assert parse_run(key) is None


@pytest.mark.parametrize(("key", "parts"), USAGES.items())
def test_the_parts_of_a_usage(key: str, parts: Usage) -> None:
    assert parse_usage(key) == parts


@pytest.mark.parametrize("key", NO_USAGES)
def test_what_is_no_usage(key: str) -> None:
    assert parse_usage(key) is None


@pytest.mark.parametrize(
    ("run", "key"),
    [
        ("course-v1:edX+DemoX+2026", "block-v1:edX+DemoX+2026+type@html+block@x"),
        ("ccx-v1:edX+DemoX+2026+ccx@7", "ccx-block-v1:edX+DemoX+2026+ccx@7+type@html+block@x"),
        ("edX/DemoX/2026", "i4x://edX/DemoX/html/x"),
        ("nonsense", None),
    ],
)
def test_a_block_in_a_run(run: str, key: str | None) -> None:
    assert usage_key(run, "html", "x") == key
