"""What a new machine sets itself up from: the lock file, the Makefile, the script of continuous integration."""

from __future__ import annotations

import os
import re
import subprocess
import tomllib
from itertools import pairwise
from pathlib import Path

ROOT = Path(__file__).parents[1]
LOCK = ROOT / "requirements.lock"
PINNED = re.compile(r"([a-z0-9-]+)==(\S+) \\")
HASH = re.compile(r"    --hash=sha256:[0-9a-f]{64}( \\)?")
REMARK = re.compile(r" *#.*")


def pinned() -> dict[str, str]:
    """name -> version of everything that the lock file installs."""
    return {found[1]: found[2] for line in LOCK.read_text().splitlines() if (found := PINNED.fullmatch(line))}


def project() -> dict[str, list[str]]:
    """What pyproject.toml asks for: to build, to run, to develop."""
    read = tomllib.loads((ROOT / "pyproject.toml").read_text())
    extras = read["project"]["optional-dependencies"]
    return {"build": read["build-system"]["requires"], "run": read["project"]["dependencies"], **extras}


def test_the_lock_holds_exact_versions_and_hashes_and_no_address() -> None:
    lines = [line for line in LOCK.read_text().splitlines() if line]
    assert [line for line in lines if not any(each.fullmatch(line) for each in (PINNED, HASH, REMARK))] == []
    assert [line for line in lines if re.search(r"(?i)index.url|https?://|file:|(^|\s)/", line)] == []
    bare = [line for line, after in pairwise(lines) if PINNED.match(line) and not HASH.match(after)]
    assert bare == []


def test_the_lock_has_everything_that_the_project_asks_for() -> None:
    asked = {re.split(r"[^\w-]", each)[0].lower() for group in project().values() for each in group}
    assert sorted(asked - pinned().keys()) == []


def test_every_target_is_explained_and_is_no_file() -> None:
    makefile = (ROOT / "Makefile").read_text()
    phony = re.findall(r"^\.PHONY: (.*)$", makefile, re.MULTILINE)[0].split()
    assert sorted(re.findall(r"^([a-z]+):.* ## ", makefile, re.MULTILINE)) == sorted(phony)
    assert sorted(re.findall(r"^([a-z]+):(?!=)", makefile, re.MULTILINE)) == sorted(phony)
    printed = subprocess.run(["make", "--silent", "help"], cwd=ROOT, capture_output=True, text=True, check=True)
    assert [line.split()[0] for line in printed.stdout.splitlines()] == phony


def test_continuous_integration_is_a_script_that_bash_understands() -> None:
    script = ROOT / ".ci" / "run"
    assert os.access(script, os.X_OK)
    assert subprocess.run(["bash", "-n", script], capture_output=True, check=True).stderr == b""
