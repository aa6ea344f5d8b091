"""Assessments with their group sets and access rules."""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from app.context import Context
from app.db.bulk import Row
from app.db.sets import member_of
from app.domain.assessments.models import Assessment, AssessmentAccessRule, AssessmentKind, GradingType, ScoringModel
from app.domain.groups.models import GroupSet
from app.importers.documents import Document
from app.importers.merge import follow_renames, merge, remove_surplus
from app.importers.prairielearn.access import Rule, read_rules, widest
from app.importers.prairielearn.catalog import Instance
from app.importers.prairielearn.files import CourseFiles
from app.importers.prairielearn.placements import PlacedZone, read_zones
from app.importers.prairielearn.sets import declared_sets, merge_sets
from app.importers.summary import Summary

KINDS = {"Homework": AssessmentKind.HOMEWORK, "Exam": AssessmentKind.EXAM}
UNLIMITED_SIZE = 1_000  # of a group, where the file sets no limit
RULE_COLUMNS = tuple(name for name in Rule.__slots__ if name != "is_active")
COMPARED = (
    *("uuid", "category_id", "group_set_id", "number", "position", "title", "description", "module", "kind"),
    *("max_points", "max_bonus_points", "max_instances", "start_at", "due_at", "end_at", "time_limit_minutes"),
)


@dataclass(frozen=True, slots=True)
class GroupSizes:
    """The terms of group work."""

    min_size: int
    max_size: int
    is_self_assigned: bool


@dataclass(frozen=True, slots=True)
class ReadAssessment:
    """An infoAssessment.json. `name` is its `aid`; `facts` are columns by name."""

    name: str
    set_name: str
    facts: Mapping[str, Any]
    groups: GroupSizes | None
    rules: list[Rule]
    zones: list[PlacedZone]


def read_assessments(instance: Instance, questions: Mapping[str, Document]) -> list[ReadAssessment]:
    """The assessments of a course instance in PrairieLearn's order: by number as people count, then by folder."""
    files = instance.files.assessments
    order = sorted(files, key=lambda aid: (_counted(files[aid].text("number", 32)), aid))
    return [_read(aid, files[aid], position, instance, questions) for position, aid in enumerate(order, start=1)]


async def merge_assessments(
    ctx: Context, files: CourseFiles, instance: Instance, read: Sequence[ReadAssessment], summary: Summary
) -> Mapping[str, int]:
    """Merge the assessments of a course instance with all but their zones; gives the id of each `aid`."""
    used = {each.set_name for each in read}
    categories = await merge_sets(ctx, declared_sets(files.document), used, instance.id, summary)
    group_sets = await _merge_group_sets(ctx, instance.id, read, summary)
    rows: list[Row] = []
    for each in read:
        facts = {**each.facts, "category_id": categories[each.set_name], "group_set_id": group_sets.get(each.name)}
        initial = (ScoringModel.HIGHEST.value, GradingType.ATTEMPTS.value)
        rows.append((instance.id, each.name, *(facts[name] for name in COMPARED), *initial))
    within = Assessment.course_instance_id == instance.id
    uuids = {row[:2]: row[2] for row in rows}
    renamed = await follow_renames(ctx, Assessment, uuids, parent="course_instance_id", within=within)
    merged = await merge(
        ctx,
        Assessment,
        rows,
        key=("course_instance_id", "name"),
        compared=COMPARED,
        initial=("scoring_model", "grading_type"),
        within=within,
    )
    summary.add_merged("assessments", merged, renamed)
    ids = {each.name: merged.ids[instance.id, each.name] for each in read}
    await _merge_rules(ctx, {ids[each.name]: each.rules for each in read}, summary)
    return ids


def _read(
    aid: str, document: Document, position: int, instance: Instance, questions: Mapping[str, Document]
) -> ReadAssessment:
    kind = KINDS.get(document.text("type"))
    if kind is None:
        document.fail("type", f"is {document.text('type')!r}, neither Homework nor Exam")
    if len(aid) > 255:
        document.fail("", "lies in a folder of more than 255 characters")
    rules = read_rules(document, instance.zone)
    zones = read_zones(document, questions, is_exam=kind is AssessmentKind.EXAM)
    dates, stated = widest(rules), document.number("maxPoints")
    facts = {
        "uuid": document.required_uuid(),
        "number": document.text("number", 32),
        "position": position,
        "title": document.text("title"),
        "description": document.optional_text("text", None),
        "module": document.optional_text("module", 150),
        "kind": kind.value,
        "max_points": sum(zone.worth for zone in zones) if stated is None else stated,
        "max_bonus_points": document.number("maxBonusPoints") or 0.0,
        "max_instances": None if document.flag("multipleInstance", default=False) else 1,
        "start_at": dates.start_at,
        "due_at": dates.due_at,
        "end_at": dates.end_at,
        "time_limit_minutes": dates.time_limit_minutes,
    }
    return ReadAssessment(aid, document.text("set", 150), facts, _groups(document), rules, zones)


def _groups(document: Document) -> GroupSizes | None:
    """From `groups`, or the older `groupWork` and its companions, where nothing is permitted by default."""
    newer = document.child("groups")
    if newer is not None:
        permissions = newer.child("studentPermissions")
        creates = permissions.flag("canCreateGroup", default=True) if permissions else True
        joins = permissions.flag("canJoinGroup", default=True) if permissions else True
        return _sizes(newer.integer("minMembers"), newer.integer("maxMembers"), creates or joins)
    if not document.flag("groupWork", default=False):
        return None
    creates, joins = (document.flag(key, default=False) for key in ("studentGroupCreate", "studentGroupJoin"))
    return _sizes(document.integer("groupMinSize"), document.integer("groupMaxSize"), creates or joins)


def _sizes(smallest: int | None, largest: int | None, is_self_assigned: bool) -> GroupSizes:
    return GroupSizes(smallest or 1, largest or UNLIMITED_SIZE, is_self_assigned)


def _counted(number: str) -> list[tuple[int, int, str]]:
    """A key that sorts `2` before `10` and `2a` before `2b`."""
    parts: Collection[str] = re.findall(r"[0-9]+|[^0-9]+", number)
    return [(0, int(part), "") if part.isdigit() else (1, 0, part) for part in parts]


async def _merge_group_sets(
    ctx: Context, instance_id: int, read: Sequence[ReadAssessment], summary: Summary
) -> Mapping[str, int]:
    """One set of groups for each assessment done in groups, called as the assessment."""
    rows = [
        (instance_id, each.name, each.groups.min_size, each.groups.max_size, each.groups.is_self_assigned)
        for each in read
        if each.groups is not None
    ]
    merged = await merge(
        ctx,
        GroupSet,
        rows,
        key=("course_instance_id", "name"),
        compared=("min_size", "max_size", "is_self_assigned"),
        within=GroupSet.course_instance_id == instance_id,
    )
    summary.add("group sets", **merged.counts)
    return {row[1]: merged.ids[row[:2]] for row in rows}


async def _merge_rules(ctx: Context, rules: Mapping[int, Sequence[Rule]], summary: Summary) -> None:
    """Rules are settings: those that the files no longer have go, lest they keep an exam open."""
    rows = [
        (assessment_id, number, *(getattr(rule, name) for name in RULE_COLUMNS))
        for assessment_id, listed in rules.items()
        for number, rule in enumerate(listed, start=1)
    ]
    within = member_of(AssessmentAccessRule.assessment_id, rules)
    key = ("assessment_id", "number")
    merged = await merge(ctx, AssessmentAccessRule, rows, key=key, compared=RULE_COLUMNS, within=within)
    summary.add("assessment access rules", **merged.counts)
    removed = await remove_surplus(ctx, AssessmentAccessRule, merged, rows)
    summary.add("assessment access rules", changed=removed)
