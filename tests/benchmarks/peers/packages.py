"""The peers' packages, installed from the npm registry into a folder outside of the project."""

from __future__ import annotations

import os
import shutil
import subprocess
from pathlib import Path

from app.errors import ConfigurationError

SOURCES = Path(__file__).parent
INSTALLING_SECONDS = 900
INSTALLED = "installed.json"


def node() -> str:
    """The program `node`. Raises ConfigurationError without Node.js."""
    found = shutil.which("node")
    if found is None or shutil.which("npm") is None:
        raise ConfigurationError("the peers need Node.js 20 or newer and npm")
    return found


def folder() -> Path:
    """Where the peers are installed and run."""
    return Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "campusgraph-peers"


def is_installed() -> bool:
    """Whether the packages of package.json, as it is now, are there."""
    mark = folder() / INSTALLED
    return mark.is_file() and mark.read_bytes() == (SOURCES / "package.json").read_bytes()


def install() -> None:
    """Copy the peers' sources, and install their packages unless they are there. Raises ConfigurationError."""
    program, target = node(), folder()
    target.mkdir(parents=True, exist_ok=True)
    for source in (*SOURCES.glob("*.js"), SOURCES / "package.json"):
        shutil.copy(source, target)
    if is_installed():
        return
    (target / INSTALLED).unlink(missing_ok=True)
    environment = os.environ | {"npm_config_build_from_source": "true"} | _headers(program)
    command = ["npm", "install", "--no-audit", "--no-fund", "--loglevel=error"]
    try:
        done = subprocess.run(command, cwd=target, env=environment, timeout=INSTALLING_SECONDS, check=False)
    except subprocess.TimeoutExpired:
        raise ConfigurationError(f"npm install took more than {INSTALLING_SECONDS} seconds") from None
    if done.returncode:
        raise ConfigurationError(f"npm install failed with status {done.returncode}")
    shutil.copy(SOURCES / "package.json", target / INSTALLED)


def _headers(program: str) -> dict[str, str]:
    """Where the headers for compiling are, when they came with Node.js."""
    prefix = Path(program).resolve().parents[1]
    return {"npm_config_nodedir": str(prefix)} if (prefix / "include" / "node" / "node.h").is_file() else {}
