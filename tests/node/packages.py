"""Node.js and the packages of package.json, which `make test` installs beside it."""

from __future__ import annotations

import os
import shutil
import subprocess
from dataclasses import dataclass
from pathlib import Path

import pytest

FOLDER = Path(__file__).parent
INSTALLED = FOLDER / "node_modules"
NEEDED = "CAMPUSGRAPH_TEST_NODE"
PATIENCE = 120  # seconds


@dataclass(frozen=True, slots=True)
class Node:
    """The program `node`, in the folder of the packages."""

    program: str

    def run(self, script: str, *arguments: str, folder: Path = FOLDER) -> subprocess.CompletedProcess[str]:
        """Run a script of this folder, or of a package (`node_modules/…`), to its end; in another folder if need be."""
        command = [self.program, str(FOLDER / script), *arguments]
        return subprocess.run(command, cwd=folder, capture_output=True, text=True, timeout=PATIENCE, check=False)


def found() -> Node:
    """Node.js. Skips the test where it or a package is absent, unless the environment says that they are needed."""
    program = shutil.which("node")
    if program is not None and INSTALLED.is_dir():
        return Node(program)
    absent = "Node.js is not on this machine" if program is None else "`make node` has not installed the packages"
    if os.environ.get(NEEDED):
        pytest.fail(f"{NEEDED} is set, but {absent}")
    return pytest.skip(absent)
