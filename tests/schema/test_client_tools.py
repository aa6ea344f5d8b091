"""What builders of clients use accepts the committed schema: a linter, Relay's compiler, GraphQL Code Generator."""

from __future__ import annotations

import json
import re
import shutil
from pathlib import Path
from typing import Any

from tests.node.packages import FOLDER, INSTALLED, Node
from tests.schema.test_sdl import PRINTED
from tests.test_documentation import README, blocks

RULES = (
    *("arguments-have-descriptions", "defined-types-are-used", "deprecations-have-a-reason"),
    *("descriptions-are-capitalized", "enum-values-all-caps", "enum-values-have-descriptions"),
    *("fields-are-camel-cased", "fields-have-descriptions", "input-object-values-are-camel-cased"),
    *("input-object-values-have-descriptions", "relay-connection-arguments-spec", "relay-connection-types-spec"),
    *("relay-page-info-spec", "types-are-capitalized", "types-have-descriptions"),
)
"""Of graphql-schema-linter, all but those that want the alphabetical order."""
SCALARS = {"BigInt": "number", "DateTime": "string", "JSON": "unknown", "Base64": "string"}
NEXT = "`hasNextPage` field that returns a non-null Boolean"
STRICT = ("--noEmit", "--strict", "--module", "esnext", "--moduleResolution", "bundler", "--target", "es2022")


def offences(node: Node, schema: Path) -> list[tuple[str, str]]:
    """(rule, message) of what the linter finds."""
    done = node.run(
        "node_modules/.bin/graphql-schema-linter", "--format", "json", "--rules", ",".join(RULES), str(schema)
    )
    assert done.stderr == ""
    return [(each["rule"], each["message"]) for each in json.loads(done.stdout)["errors"]]


def test_the_schema_passes_the_linter(node: Node) -> None:
    assert offences(node, PRINTED) == []


def test_the_linter_finds_what_it_looks_for(node: Node, tmp_path: Path) -> None:
    schema = PRINTED.read_text()
    spoilt = schema.replace("  hasNextPage: Boolean!", "  hasNextPage: String!", 1)
    spoilt = spoilt.replace('"""A list of Users, in pages."""\ntype UserConnection {\n', "type UserConnection {\n", 1)
    assert spoilt != schema
    (tmp_path / "schema.graphql").write_text(spoilt)
    assert offences(node, tmp_path / "schema.graphql") == [
        ("relay-page-info-spec", f"The `PageInfo` object type must have a {NEXT} as per the Relay spec."),
        ("types-have-descriptions", "The object type `UserConnection` is missing a description."),
    ]


def compiled(node: Node, folder: Path, source: str) -> Any:
    """What Relay's compiler did with a module."""
    (folder / "src" / "made").mkdir(parents=True)
    (folder / "src" / "Gradebook.ts").write_text(source)
    config = {"src": "src", "artifactDirectory": "src/made", "language": "typescript", "customScalarTypes": SCALARS}
    (folder / "relay.config.json").write_text(json.dumps(config | {"schema": "schema.graphql"}))
    shutil.copy(PRINTED, folder / "schema.graphql")
    return node.run("node_modules/relay-compiler/cli.js", "relay.config.json", folder=folder)


def test_relay_compiles_pages_refetches_and_subscriptions(node: Node, tmp_path: Path) -> None:
    done = compiled(node, tmp_path, (FOLDER / "relay" / "Gradebook.ts").read_text())
    assert (done.returncode, done.stderr) == (0, "")
    made = {path.name.removesuffix(".graphql.ts"): path.read_text() for path in (tmp_path / "src" / "made").iterdir()}
    assert sorted(made) == [
        "GradebookChangesSubscription",
        "GradebookLearnerQuery",
        "GradebookPaginationQuery",
        "GradebookQuery",
        "GradebookRenameMutation",
        "Gradebook_learner",
        "Gradebook_learners",
    ]
    page = re.search(r'"text": "(query GradebookPaginationQuery.*)"', made["GradebookPaginationQuery"])
    assert page is not None
    assert "node(id: $id)" in page[1]
    assert "enrollments(first: $count, after: $cursor)" in page[1]
    assert r"pageInfo {\n      endCursor\n      hasNextPage\n    }" in page[1]


def test_relay_refuses_a_field_that_is_not_there(node: Node, tmp_path: Path) -> None:
    source = (FOLDER / "relay" / "Gradebook.ts").read_text().replace("displayName", "nickname")
    done = compiled(node, tmp_path, source)
    assert done.returncode != 0
    assert "The type `User` has no field `nickname`" in done.stdout + done.stderr


def test_types_are_generated_for_the_operations_of_the_readme(node: Node, tmp_path: Path) -> None:
    """And a program that reads their results is checked against them."""
    documents = tmp_path / "documents.graphql"
    documents.write_text("\n".join(blocks(README, "graphql")))
    done = node.run("generate.js", str(PRINTED), str(documents), str(tmp_path / "generated.ts"))
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")
    (tmp_path / "node_modules").symlink_to(INSTALLED)
    program = Path(shutil.copy(FOLDER / "client.ts", tmp_path))
    assert checked(node, program) == (0, "")
    program.write_text(program.read_text().replace("const index: number", "const index: string"))
    status, told = checked(node, program)
    assert (status, "Type 'number' is not assignable to type 'string'" in told) == (2, True)


def checked(node: Node, program: Path) -> tuple[int, str]:
    """(exit status, output) of TypeScript's compiler."""
    done = node.run("node_modules/typescript/bin/tsc", *STRICT, str(program))
    return done.returncode, done.stdout
