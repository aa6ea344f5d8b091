"""Who may work on an assessment, when and for how much credit: both of PrairieLearn's notations become rules.

The older one: https://docs.prairielearn.com/assessment/accessControlLegacy/; the newer: …/accessControlModern/.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from uuid import UUID
from zoneinfo import ZoneInfo

from app.importers.documents import Document

NEVER = datetime(9999, 12, 31, tzinfo=UTC)  # the start of an assessment that no rule opens: staff only
FULL_CREDIT = 100


@dataclass(frozen=True, slots=True)
class Rule:
    """An access rule. `is_active` rules let learners hand in."""

    mode: str | None = None
    credit: int | None = None
    start_at: datetime | None = None
    end_at: datetime | None = None
    time_limit_minutes: int | None = None
    password: str | None = None
    exam_uuid: str | None = None
    shows_closed_assessment: bool = True
    shows_closed_assessment_score: bool = True
    uids: list[str] | None = None
    is_active: bool = True


@dataclass(frozen=True, slots=True)
class Dates:
    """The dates of an assessment as a whole: those of its widest rule."""

    start_at: datetime | None
    due_at: datetime | None
    end_at: datetime | None
    time_limit_minutes: int | None


def read_rules(assessment: Document, zone: ZoneInfo) -> list[Rule]:
    """The rules of an infoAssessment.json, in order. Overrides for labelled learners are not taken."""
    newer = assessment.children("accessControl")
    if newer:
        return _newer(newer[0], zone)
    return [_older(rule, zone) for rule in assessment.children("allowAccess") if _concerns_learners(rule)]


def widest(rules: Sequence[Rule]) -> Dates:
    """From the earliest start to the latest end of the rules for everybody; due at the latest end with full credit.

    Rules for named people and for proctored exams open the assessment to nobody else.
    """
    common = [rule for rule in rules if rule.is_active and rule.uids is None and rule.exam_uuid is None]
    if not common:
        return Dates(NEVER, None, None, None)
    starts = [rule.start_at for rule in common]
    earliest = None if None in starts else min(start for start in starts if start is not None)
    limits = [rule.time_limit_minutes for rule in common if rule.time_limit_minutes is not None]
    full = [rule for rule in common if (rule.credit or 0) >= FULL_CREDIT]
    return Dates(earliest, _latest_end(full), _latest_end(common), max(limits, default=None))


def _latest_end(rules: Sequence[Rule]) -> datetime | None:
    ends = [rule.end_at for rule in rules if rule.end_at is not None]
    return max(ends) if ends and len(ends) == len(rules) else None


def _concerns_learners(rule: Document) -> bool:
    return rule.optional_text("role") in (None, "Student")


def _older(rule: Document, zone: ZoneInfo) -> Rule:
    exam = rule.uuid("examUuid")
    return Rule(
        mode=rule.optional_text("mode", 32) or ("Exam" if exam else None),
        credit=rule.integer("credit"),
        start_at=rule.instant("startDate", zone),
        end_at=rule.instant("endDate", zone),
        time_limit_minutes=rule.integer("timeLimitMin"),
        password=rule.optional_text("password"),
        exam_uuid=str(UUID(exam)) if exam else None,
        shows_closed_assessment=rule.flag("showClosedAssessment", default=True),
        shows_closed_assessment_score=rule.flag("showClosedAssessmentScore", default=True),
        uids=rule.texts("uids"),
        is_active=rule.flag("active", default=True),
    )


def _newer(control: Document, zone: ZoneInfo) -> list[Rule]:
    rules = []
    dates = control.child("dateControl")
    shows_questions, shows_score = _shown(control, questions_by_default=False)
    if dates is not None:
        limit, password = dates.integer("durationMinutes"), dates.optional_text("password")
        for credit, start_at, end_at in _windows(dates, zone):
            rules.append(Rule(None, credit, start_at, end_at, limit, password, None, shows_questions, shows_score))
    integrations = control.child("integrations")
    proctoring = integrations.child("prairieTest") if integrations else None
    for exam in proctoring.children("exams") if proctoring else ():
        number = exam.uuid("examUuid")
        if number is None:
            exam.fail("examUuid", "is missing")
        shown = _shown(exam, questions_by_default=True)
        credit = 0 if exam.flag("readOnly", default=False) else FULL_CREDIT
        rules.append(Rule("Exam", credit, None, None, None, None, str(UUID(number)), *shown))
    return rules


def _windows(dates: Document, zone: ZoneInfo) -> list[tuple[int, datetime | None, datetime | None]]:
    """(credit, from, to) of the stretches of time between release, the deadlines, and eternity."""
    release, due, after = dates.child("release"), dates.child("due"), dates.child("afterLastDeadline")
    early, late = _deadlines(dates, "earlyDeadlines", zone), _deadlines(dates, "lateDeadlines", zone)
    if release is None:
        return []
    start_at = release.instant("date", zone)
    due_at = due.instant("date", zone) if due else None
    credit = due.integer("credit") if due else None
    full = FULL_CREDIT if credit is None else credit
    if due_at is None:
        return [(full, start_at, None)]
    windows: list[tuple[int, datetime | None, datetime | None]] = []
    for end_at, credit in (*early, (due_at, full), *late):
        windows.append((credit, start_at, end_at))
        start_at = end_at
    if after is not None and after.flag("allowSubmissions", default=False):
        windows.append((after.integer("credit") or 0, start_at, None))
    return windows


def _deadlines(dates: Document, key: str, zone: ZoneInfo) -> list[tuple[datetime, int]]:
    found = []
    for deadline in dates.children(key):
        at, credit = deadline.instant("date", zone), deadline.integer("credit")
        if at is None or credit is None:
            deadline.fail("date" if at is None else "credit", "is missing")
        found.append((at, credit))
    return sorted(found)


def _shown(control: Document, *, questions_by_default: bool) -> tuple[bool, bool]:
    """Whether a learner who has finished sees the questions, and the score."""
    after = control.child("afterComplete")
    questions = after.child("questions") if after else None
    score = after.child("score") if after else None
    hides_questions = (
        questions.flag("hidden", default=not questions_by_default) if questions else not questions_by_default
    )
    return not hides_questions, not score.flag("hidden", default=False) if score else True
