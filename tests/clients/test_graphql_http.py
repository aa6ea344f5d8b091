"""The audits of graphql-http, which the authors of the specification publish: each passes."""

from __future__ import annotations

import json

from tests.clients.conftest import Place
from tests.node.packages import Node

AUDITS = 61


def test_all_audits_pass(place: Place, node: Node) -> None:
    done = node.run("audits.js", f"{place.address}/graphql")
    assert (done.returncode, done.stderr) == (0, "")
    results = json.loads(done.stdout)
    assert [each for each in results if each["status"] != "ok"] == []
    assert len({each["id"] for each in results}) == AUDITS
