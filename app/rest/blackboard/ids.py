"""Ids as Blackboard Learn spells them: `_12_1`, or a name with a prefix such as `courseId:` (contract, §1.2)."""

from __future__ import annotations

import re
from dataclasses import dataclass

from app.errors import BadRequest
from app.rest.binding import bounded

PRIMARY = re.compile(r"_([0-9]{1,40})_[0-9]{1,40}", re.ASCII)
PREFIXED = re.compile(r"([A-Za-z]+):(.+)", re.DOTALL)
UUID = re.compile(r"[0-9a-f]{32}")
ID, EXTERNAL = "id", "externalId"
COURSE_FORMS = frozenset({"courseId", EXTERNAL, "uuid"})
PRIVATE_FORMS = frozenset({"userName", "studentId", "email", "institutionEmail"})
"""Ways to name a user that are for administrators."""
USER_FORMS = PRIVATE_FORMS | {EXTERNAL, "uuid"}
USER_WORDS, COLUMN_WORDS = frozenset({"me"}), frozenset({"finalGrade"})
EXTERNAL_FORMS = frozenset({EXTERNAL})


@dataclass(frozen=True, slots=True)
class Named:
    """What an id names: by which key, with which value. `key` is the integer of a primary id, NOWHERE beyond reach."""

    form: str
    value: str
    sent: str
    key: int | None = None


def parse(sent: str, forms: frozenset[str] = frozenset(), words: frozenset[str] = frozenset()) -> Named:
    """An id of one of these forms, or one of these words. Raises BadRequest for one that is malformed."""
    primary = PRIMARY.fullmatch(sent)
    if primary:
        return Named(ID, sent, sent, bounded(primary[1].lstrip("0") or "0"))
    if sent in words:
        return Named(sent, sent, sent)
    prefixed = PREFIXED.fullmatch(sent)
    if prefixed is None or prefixed[1] not in forms or not prefixed[2].isprintable():
        raise BadRequest(f"Invalid ID: {sent}")
    if prefixed[1] == "uuid" and not UUID.fullmatch(prefixed[2]):
        raise BadRequest(f"Invalid ID: {sent}")
    return Named(prefixed[1], prefixed[2], sent)


def spell(key: int) -> str:
    """A primary id."""
    return f"_{key}_1"
