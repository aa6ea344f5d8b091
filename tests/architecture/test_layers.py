"""What import-linter's contracts in pyproject.toml cannot say about layers."""

from __future__ import annotations

import ast
import re
import tomllib

from tests.architecture.tree import ROOT, modules, none, parsed, short, subfolders, written

CONTRACTS = {
    contract["id"]: contract
    for contract in tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]["importlinter"]["contracts"]
}


def test_every_module_of_the_application_has_a_layer() -> None:
    layers = {name for layer in CONTRACTS["layers"]["layers"] for name in re.findall(r"[\w.]+", layer)}
    folder = ROOT / "app"
    packages = [
        name for name in subfolders(folder) if modules(folder / name) or (folder / name / "__init__.py").exists()
    ]
    none(f"app.{name} is in no layer" for name in [*modules(folder), *packages] if f"app.{name}" not in layers)


def test_the_graph_names_the_type_of_a_column_and_nothing_else_of_sql() -> None:
    """To import-linter a library is one thing; this is all of SQLAlchemy that the contract `sql` lets through."""
    imports = [
        f"{short(path)}: {ast.unparse(node)}"
        for path in written(".py", under=("schema",))
        for node in ast.walk(parsed(path))
        if isinstance(node, ast.Import | ast.ImportFrom) and "sqlalchemy" in ast.unparse(node)
    ]
    assert imports == ["schema/core/declare.py: from sqlalchemy.orm import InstrumentedAttribute"]
