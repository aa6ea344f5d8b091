"""Opaque keys of course runs, libraries and their blocks, taken apart and made (contracts/edx-core.md §0.3)."""

from __future__ import annotations

import re
from typing import NamedTuple

PART = r"[\w\-~.:]+"
BLOCK_PART = r"[\w\-~.:%]+"
SUFFIXES = rf"(?:\+branch@{PART})?(?:\+version@[0-9a-f]{{24}})?"
RUN = re.compile(rf"course-v1:({PART})\+({PART})\+({PART}){SUFFIXES}")
OLD_RUN = re.compile(rf"({PART})/({PART})/({PART})")
DERIVED_RUN = re.compile(rf"ccx-v1:({PART})\+({PART})\+({PART}){SUFFIXES}\+ccx@\d+")
BLOCK = re.compile(
    rf"(?:block-v1|ccx-block-v1):({PART})\+({PART})\+({PART}){SUFFIXES}(?:\+ccx@\d+)?"
    rf"\+type@({PART})\+block@({BLOCK_PART})"
)
OLD_BLOCK = re.compile(rf"i4x://({PART})/({PART})/({PART})/({BLOCK_PART})")
SLUG = r"[\w\-~.]+"
LIBRARY = re.compile(rf"lib:({SLUG}):({SLUG})")
LIBRARY_BLOCK = re.compile(rf"lb:({SLUG}):({SLUG}):({SLUG}):([\w\-~.%]+)")


class Run(NamedTuple):
    """A course run; of a derived one, the run that it is derived from."""

    organization: str
    course: str
    run: str


class Usage(NamedTuple):
    """A block in a course run; the older form does not tell the `run`."""

    organization: str
    course: str
    run: str | None
    kind: str
    name: str


class LibraryUsage(NamedTuple):
    """A block in a library."""

    organization: str
    library: str
    kind: str
    name: str


def parse_run(text: str) -> Run | None:
    """The parts of a course run's key, in the present, the older or the derived form; None for what is none."""
    found = RUN.fullmatch(text) or DERIVED_RUN.fullmatch(text) or OLD_RUN.fullmatch(text)
    return None if found is None else Run(*found.groups())


def parse_usage(text: str) -> Usage | None:
    """The parts of a block's key, in the present or the older form; None for what is none."""
    found = BLOCK.fullmatch(text)
    if found is not None:
        return Usage(*found.groups())
    older = OLD_BLOCK.fullmatch(text)
    return None if older is None else Usage(older[1], older[2], None, older[3], older[4])


def usage_key(run_key: str, kind: str, name: str) -> str | None:
    """The key of a block in a course run of that key; None where the run's key is of no form that blocks have."""
    run = parse_run(run_key)
    if run is None:
        return None
    if "/" in run_key:
        return f"i4x://{run.organization}/{run.course}/{kind}/{name}"
    scheme, _, parts = run_key.partition(":")
    return f"{'ccx-block-v1' if scheme == 'ccx-v1' else 'block-v1'}:{parts}+type@{kind}+block@{name}"


def library_key(organization: str, slug: str) -> str | None:
    """The key of a library; None where a part is of no form that keys have."""
    made = f"lib:{organization}:{slug}"
    return made if LIBRARY.fullmatch(made) else None


def parse_library_usage(text: str) -> LibraryUsage | None:
    """The parts of the key of a library's block; None for what is none."""
    found = LIBRARY_BLOCK.fullmatch(text)
    return None if found is None else LibraryUsage(*found.groups())


def library_usage_key(library: str, kind: str, name: str) -> str | None:
    """The key of a block in a library of that key; None where a part is of no form that keys have."""
    made = f"lb:{library.removeprefix('lib:')}:{kind}:{name}"
    return made if LIBRARY_BLOCK.fullmatch(made) else None
