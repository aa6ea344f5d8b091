"""What may be said of group sets and groups, and whether it may."""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import cache
from typing import Any, TypedDict

from babel import Locale

from app.context import Context
from app.domain.changes import Change, given
from app.domain.groups.models import Group, GroupSet, GroupSetKind, Management
from app.domain.rows import referred_row
from app.domain.rules import at_least, fitted
from app.errors import RuleBroken, UserErrorCode

SELF_ASSIGNED = (Management.OPEN, Management.OPEN_MANAGED)
SIZES = {Management.OPEN: 50, Management.OPEN_MANAGED: 50}
MANAGED_SIZE, UNLIMITED_SIZE = 200, 1_000_000
"""How large the groups of managed sets, and of cohorts, may be where nothing is said (contracts/edx-core.md §22)."""
NO_COUNTRIES = {"EU", "EZ", "QO", "UN", "XA", "XB", "ZZ", "AC", "CP", "CQ", "DG", "EA", "IC", "TA"}
"""Codes of two letters that are no country's in ISO 3166."""


class GroupSetDetails(TypedDict, total=False):
    """What may be said of a set beside its name and sizes. Absent (or UNSET) stays as it is."""

    key: Change[str | None]
    description: Change[str]
    management: Change[Management]


class GroupDetails(TypedDict, total=False):
    """What may be said of a group beside its name. Absent (or UNSET) stays as it is.

    `country` is a code of ISO 3166, `language` one of ISO 639-1, each empty for none.
    """

    description: Change[str]
    country: Change[str]
    language: Change[str]
    is_organization_protected: Change[bool]
    audience_id: Change[int | None]


@cache
def countries() -> frozenset[str]:
    """The codes of countries (ISO 3166)."""
    return (
        frozenset(code for code in map(str, Locale("en").territories) if re.fullmatch("[A-Z]{2}", code)) - NO_COUNTRIES
    )


@cache
def languages() -> frozenset[str]:
    """The codes of languages (ISO 639-1)."""
    return frozenset(code for code in map(str, Locale("en").languages) if len(code) == 2)


def default_size(kind: GroupSetKind, management: Management) -> int:
    """How large groups may be where nothing is said."""
    return SIZES.get(management, MANAGED_SIZE) if kind is GroupSetKind.TEAMS else UNLIMITED_SIZE


def checked_set(changes: Mapping[str, Any], old: Mapping[str, Any]) -> dict[str, Any]:
    """The changes of a set as they are stored, if they fit together and with what stays.

    Raises RuleBroken: OUT_OF_RANGE at `minSize`, `maxSize`; INVALID at `isSelfAssigned` when the management says else.
    """
    values = dict(changes)
    whole = {**old, **values}
    if whole["management"] != Management.UNLISTED:
        is_self_assigned = whole["management"] in SELF_ASSIGNED
        if changes.get("is_self_assigned", is_self_assigned) != is_self_assigned:
            raise RuleBroken(UserErrorCode.INVALID, "the management says otherwise", "isSelfAssigned")
        values["is_self_assigned"] = is_self_assigned
    checked = fitted(GroupSet, values)
    sizes = {name: whole[name] for name in ("min_size", "max_size")}
    at_least(1, sizes, "min_size", "max_size")
    if sizes["max_size"] < sizes["min_size"]:
        raise RuleBroken(UserErrorCode.OUT_OF_RANGE, "below the smallest size", "maxSize")
    return checked


async def checked_group(ctx: Context, course_instance_id: int, values: Mapping[str, Any]) -> dict[str, Any]:
    """The details of a group as they are stored.

    Raises RuleBroken: INVALID at `country`, `language`; NOT_FOUND at `audienceId` unless it is a group of a part of the
    content of the same course instance.
    """
    told = given(**values)
    if told.get("audience_id") is not None:
        found = await referred_row(ctx, Group, told["audience_id"], Group.group_set_id, field="audienceId")
        own = await referred_row(
            ctx, GroupSet, found.group_set_id, GroupSet.kind, GroupSet.course_instance_id, field="audienceId"
        )
        if (own.kind, own.course_instance_id) != (GroupSetKind.AUDIENCES, course_instance_id):
            raise RuleBroken(UserErrorCode.NOT_FOUND, "no such audience in this course instance", "audienceId")
    checked = fitted(Group, told)
    for name, codes in (("country", countries()), ("language", languages())):
        if checked.get(name) and checked[name] not in codes:
            raise RuleBroken(UserErrorCode.INVALID, f"no code of a {name}", name)
    return checked
