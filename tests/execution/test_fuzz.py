"""Operations made from the schema are answered alike by plan and by graphql-core."""

from __future__ import annotations

import pytest
from hypothesis import Phase, settings

from schema.execution import pages
from schema.graph import build
from tests.execution.failures import MODES
from tests.execution.fuzz import PATIENT, fuzzing
from tests.execution.ground import Ground
from tests.execution.tally import Tally

# graphql-core may cancel a field that has just made the coroutine of a total, and then nobody awaits it.
pytestmark = pytest.mark.filterwarnings("ignore:coroutine 'Roots.total' was never awaited:RuntimeWarning")

EXAMPLES = 250
CONSTRUCTS = (
    *(
        "... on ",
        "... {",
        "... @",
        "fragment ",
        "@skip(if: true)",
        "@include(if: $",
        "__typename",
        "__schema",
        "__type",
    ),
    *("node(", "nodes(ids:", "where: {", "and: [", "or: [", "not: {", "in: [", ": null", "orderBy: [", "DESC"),
    *("first: 0", "first: 100", "first: $", "after: ", "edges", "pageInfo", "totalCount", "query B", "! = "),
)


@pytest.fixture(scope="module")
def tally(place: Ground) -> Tally:
    """What was compared: the same operations every time."""
    counted = Tally()
    fuzzing(place, counted, settings(PATIENT, max_examples=EXAMPLES, derandomize=True))()
    return counted


def test_operations_are_answered_alike(tally: Tally) -> None:
    """The fixture raises where they are not. Nearly all that is generated is executed, and gives something."""
    assert tally.invalid == []
    assert tally.operations + tally.refused >= EXAMPLES
    assert tally.clean > EXAMPLES / 2
    assert tally.fields > 5 * EXAMPLES


def test_plans_are_given_up_for_a_reason(tally: Tally) -> None:
    assert tally.retreats > 0
    assert tally.retreats_of_clean == 0


def test_a_plan_does_not_take_more_statements(tally: Tally) -> None:
    """A few operations may: aliases of one relation, or a way back to where one came from, which loaders remember."""
    assert tally.by_plan <= tally.by_core, str(tally)
    assert tally.many <= EXAMPLES / 50, str(tally)


def test_the_generator_makes_everything(tally: Tally) -> None:
    everything = "\n".join(tally.documents)
    query = build().schema.query_type
    assert query is not None
    assert [text for text in (*CONSTRUCTS, *(f" {name}" for name in query.fields)) if text not in everything] == []
    assert {*tally.seen} >= {*MODES, "anonymous", "learner", "administrator", "first", "after", "variable"}


def test_a_difference_is_found(place: Ground, monkeypatch: pytest.MonkeyPatch) -> None:
    """Were cursors made differently by plan, the comparison would say so."""
    monkeypatch.setattr(pages, "encode_cursor", lambda values: "another")
    some = settings(PATIENT, max_examples=EXAMPLES, derandomize=True, phases=[Phase.generate])
    with pytest.raises(AssertionError, match=r"'another' by plan, '.*' by graphql-core"):
        fuzzing(place, Tally(), some)()
