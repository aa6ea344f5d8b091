"""What a block says, as values: OLX writes them as text, often as JSON in a text."""

from __future__ import annotations

import math
import re
from datetime import UTC, datetime
from typing import Any

import orjson

from app.domain.assessments.open_responses import KIND, Malformed, OpenResponse, read_open_response
from app.domain.blocks.models import ShowCorrectness
from app.importers.olx.course import ReadBlock

SHOWN = {each.value.lower(): each for each in ShowCorrectness}
KNOWN = (
    *("display_name", "format", "graded", "start", "due", "relative_weeks_due", "visible_to_staff_only"),
    *("hide_from_toc", "show_correctness", "weight", "group_access", "hide_after_due", "is_time_limited"),
    *("is_practice_exam", "is_proctored_enabled", "default_time_limit_minutes"),
)
INPUTS = {"textline", "optioninput", "choicegroup", "radiogroup", "checkboxgroup", "formulaequationinput"}
INPUTS |= {"filesubmission", "codeinput", "matlabinput", "schematic", "imageinput", "jsinput", "choicetextgroup"}
INPUTS |= {"drag_and_drop_input", "chemicalequationinput", "javascriptinput", "annotationinput"}
"""Elements that are answered; each is worth a point where the problem does not say otherwise."""

QUOTED = re.compile(r'"[^"\\\n\t]*"')
"""How Studio writes the dates of a course."""


class Settings:
    """Reads the settings of a block one by one; every reader raises ImportFailure with file and line."""

    def __init__(self, block: ReadBlock) -> None:
        self.element, self.values = block.element, block.settings

    def get(self, name: str) -> Any:
        """A value: texts that are texts of JSON lose their quotes, `null` is none."""
        value = self.values.get(name)
        if value == "null":
            return None
        if isinstance(value, str) and QUOTED.fullmatch(value):
            return orjson.loads(value)
        return value

    def json(self, name: str) -> Any:
        """A value that is JSON in a text, or that the policy gives as JSON."""
        value = self.values.get(name)
        if not isinstance(value, str) or not value:
            return value or None
        try:
            return orjson.loads(value)
        except orjson.JSONDecodeError as error:
            self.element.fail(f"{name} is not JSON: {error.msg}")

    def text(self, name: str, limit: int) -> str | None:
        """A text of at most `limit` characters; None where it is empty."""
        value = self.get(name)
        text = "" if value is None else str(value).strip()
        if len(text) > limit:
            self.element.fail(f"{name} has {len(text)} characters, more than {limit}")
        return text or None

    def flag(self, name: str) -> bool:
        """True or false, which is what is not said."""
        value = self.get(name)
        if isinstance(value, bool) or value is None:
            return bool(value)
        if str(value).lower() not in ("true", "false", ""):
            self.element.fail(f"{name} is {value!a}, neither true nor false")
        return str(value).lower() == "true"

    def number(self, name: str) -> float | None:
        """A number that is not negative."""
        value = self.get(name)
        if value is None or value == "":
            return None
        try:
            found = float(value)
        except (TypeError, ValueError):
            found = math.nan
        if not math.isfinite(found) or not 0 <= found < 2**30:
            self.element.fail(f"{name} is {value!a}, not a number from 0")
        return found

    def instant(self, name: str) -> datetime | None:
        """A date and time, of UTC where no zone is given."""
        value = self.get(name)
        if value is None or value == "":
            return None
        try:
            found = datetime.fromisoformat(str(value))
            return (found if found.tzinfo else found.replace(tzinfo=UTC)).astimezone(UTC)
        except (ValueError, OverflowError):
            self.element.fail(f"{name} is {value!a}, not a date and time")

    def columns(self) -> dict[str, Any]:
        """The columns of a block."""
        shown = self.text("show_correctness", 32) or ShowCorrectness.ALWAYS.lower()
        if shown not in SHOWN:
            self.element.fail(f"show_correctness is {shown!a}, none of {', '.join(SHOWN)}")
        weeks = self.number("relative_weeks_due")
        return {
            "name": self.text("display_name", 255) or "",
            "format": self.text("format", 150),
            "is_graded": self.flag("graded"),
            "start_at": self.instant("start"),
            "due_at": self.instant("due"),
            "weeks_due": None if weeks is None else int(weeks),
            "is_staff_only": self.flag("visible_to_staff_only"),
            "is_hidden_from_toc": self.flag("hide_from_toc"),
            "show_correctness": SHOWN[shown].value,
            "weight": self.number("weight"),
            "hides_after_due": self.flag("hide_after_due"),
            "is_time_limited": self.flag("is_time_limited"),
            "is_practice_exam": self.flag("is_practice_exam"),
            "is_proctored": self.flag("is_proctored_enabled"),
            "time_limit_minutes": int(self.number("default_time_limit_minutes") or 0) or None,
            "fields": {name: value for name, value in self.values.items() if name not in KNOWN},
        }


def worth(block: ReadBlock) -> float:
    """The points of a problem: its weight, else one for each answer; of an open assessment those of its rubric."""
    if block.kind == KIND:
        return float(open_response(block).max_points)
    weight = Settings(block).number("weight")
    if weight is not None:
        return weight
    responses = [each for each in block.element.walk() if each.tag.endswith("response")]
    return float(sum(max(1, sum(part.tag in INPUTS for part in each.walk())) for each in responses))


def open_response(block: ReadBlock) -> OpenResponse:
    """What an open assessment asks."""
    try:
        return read_open_response(block.content, block.settings)
    except Malformed as error:
        block.element.fail(str(error))
