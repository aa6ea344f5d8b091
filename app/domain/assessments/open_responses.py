"""What an open response asks, and the rubric that people mark it by: as data, and as OLX writes it.

Open edX's open-response assessments (contracts/edx-core.md §15). Pure functions.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from enum import StrEnum
from typing import Any
from xml.etree.ElementTree import Element, ParseError, fromstring

KIND = "openassessment"
"""The kind of the blocks that ask for open responses."""
RICH = "tinymce"


class Demand(StrEnum):
    """Whether something is asked for: it must be there, may be there, or is not taken."""

    REQUIRED = "REQUIRED"
    OPTIONAL = "OPTIONAL"
    NONE = "NONE"


class Malformed(ValueError):
    """A text is no open response; the message says why."""


@dataclass(frozen=True, slots=True)
class RubricOption:
    """What a grader may choose by a criterion, for so many points."""

    name: str
    label: str
    explanation: str
    points: int


@dataclass(frozen=True, slots=True)
class RubricCriterion:
    """What a grader looks at. One without options asks for feedback only."""

    name: str
    label: str
    prompt: str
    feedback: Demand
    options: list[RubricOption]

    @property
    def max_points(self) -> int:
        """Points of the best option."""
        return max((each.points for each in self.options), default=0)


@dataclass(frozen=True, slots=True)
class OpenResponse:
    """What is asked, what of it must be there, and by what it is marked. `prompts` are HTML."""

    title: str = ""
    prompts: list[str] = field(default_factory=list)
    text: Demand = Demand.REQUIRED
    files: Demand = Demand.NONE
    has_rich_text: bool = False
    is_in_teams: bool = False
    feedback_prompt: str = ""
    criteria: list[RubricCriterion] = field(default_factory=list)

    @property
    def max_points(self) -> int:
        """Points of the best options of all criteria."""
        return sum(each.max_points for each in self.criteria)

    def stored(self) -> dict[str, Any]:
        """As JSON, of which `restored` makes the same again."""
        return asdict(self)


def restored(stored: Mapping[str, Any]) -> OpenResponse:
    """What `OpenResponse.stored` gave."""
    criteria = [
        RubricCriterion(
            **{
                **each,
                "feedback": Demand(each["feedback"]),
                "options": [RubricOption(**option) for option in each["options"]],
            }
        )
        for each in stored["criteria"]
    ]
    demands = {name: Demand(stored[name]) for name in ("text", "files")}
    return OpenResponse(**{**stored, **demands, "criteria": criteria})


def read_open_response(content: str | None, settings: Mapping[str, Any]) -> OpenResponse:
    """What the OLX in an `openassessment` element asks; `settings` are the element's attributes. Raises Malformed."""
    try:
        root = fromstring(f"<{KIND}>{content or ''}</{KIND}>")
    except (ParseError, ValueError) as error:
        raise Malformed(f"is not XML: {error}") from None
    rubric = root.find("rubric")
    prompts = [_text(each, "description") for each in root.findall("prompts/prompt")]
    if not prompts and rubric is not None:
        prompts = [_text(rubric, "prompt")]
    files = _demand(settings, "file_upload_response", Demand.NONE)
    if settings.get("file_upload_response") is None and _flag(settings.get("allow_file_upload")):
        files = Demand.OPTIONAL
    return OpenResponse(
        title=_text(root, "title"),
        prompts=prompts or [""],
        text=_demand(settings, "text_response", Demand.REQUIRED),
        files=files,
        has_rich_text=settings.get("text_response_editor") == RICH,
        is_in_teams=_flag(settings.get("teams_enabled")),
        feedback_prompt="" if rubric is None else _text(rubric, "feedbackprompt"),
        criteria=[] if rubric is None else _criteria(rubric),
    )


def _criteria(rubric: Element) -> list[RubricCriterion]:
    found: dict[str, RubricCriterion] = {}
    for each in rubric.findall("criterion"):
        name, demand = _text(each, "name"), {"feedback": each.get("feedback", "")}
        if not name or name in found:
            raise Malformed("has a criterion without a name of its own")
        options = {made.name: made for made in map(_option, each.findall("option"))}
        if len(options) < len(each.findall("option")):
            raise Malformed(f"has two options of one name by the criterion {name!a}")
        words = (name, _text(each, "label") or name, _text(each, "prompt"))
        found[name] = RubricCriterion(*words, _demand(demand, "feedback", Demand.NONE), list(options.values()))
    return list(found.values())


def _option(element: Element) -> RubricOption:
    points, name = element.get("points", ""), _text(element, "name")
    if not (points.isascii() and points.isdecimal() and len(points) < 10):
        raise Malformed("has an option without points")
    return RubricOption(name, _text(element, "label") or name, _text(element, "explanation"), int(points))


def _text(element: Element, tag: str) -> str:
    """The text of a child, that of the elements in it included; empty without one."""
    child = element.find(tag)
    return "" if child is None else "".join(child.itertext()).strip()


def _demand(settings: Mapping[str, Any], name: str, unsaid: Demand) -> Demand:
    """How much is asked for; `unsaid` where nothing is said, NONE for a word that says nothing."""
    value = settings.get(name)
    if value is None:
        return unsaid
    word = str(value).upper()
    return Demand(word) if word in Demand.__members__ else Demand.NONE


def _flag(value: Any) -> bool:
    return str(value).lower() == "true"
