"""The parts of paths: what each is, and which text it takes (contracts/edx-core.md §0.3)."""

from __future__ import annotations

from starlette.convertors import Convertor, register_url_convertor

from app.rest.route import Schema

RUN, USAGE, PERSON = "course-v1:edX+DemoX+Demo", "block-v1:edX+DemoX+Demo+type@problem+block@p1", "ann"


class Text(Convertor[str]):
    """Text as it is."""

    def convert(self, value: str) -> str:
        return value

    def to_string(self, value: str) -> str:
        return value


class RunKey(Text):
    """What may be the key of a course run: three parts between two separators."""

    regex = r"[^/+]+[/+][^/+]+[/+][^/]+"


class UsageKey(Text):
    """What may be the key of a block: one segment, or five of the older form."""

    regex = r"(?:i4x:/{1,2}[^/]+/[^/]+/[^/]+/[^/]+|[^/]+)"


class Username(Text):
    """What may be somebody's username."""

    regex = r"[^/,]+"


class Kind(Text):
    """A number or a name, in one segment."""

    regex = r"[^/]+"


def _described(what: str, example: str) -> Schema:
    return {"type": "string", "description": f"The {what}.", "examples": [example]}


RUNS = ("course_id", "course_key", "course_key_str", "course_key_string")
USAGES = ("usage_id", "usage_key_str", "usage_key_string", "subsection_id")
OTHERS = {
    "api_version": ("version of the API", "v1"),
    "ccx_course_id": ("key of the derived course run", "ccx-v1:edX+DemoX+Demo+ccx@1"),
    "cohort_id": ("number of the cohort", "1"),
    "handler_name": ("name of the handler", "handle"),
    "mode_slug": ("slug of the track", "audit"),
    "schedule_id": ("number of the scheduled mail", "1"),
    "student_id": ("number of the learner", "1"),
    "team_id": ("id of the team", "a-team-0123"),
    "token": ("secret of the goal", "0123"),
    "topic_id": ("id of the team-set", "topic"),
    "uuid": ("number of the certificate", "0123456789abcdef0123456789abcdef"),
    "user_id": ("number of the user", "1"),
    "view_name": ("name of the view", "student_view"),
}
RESOLVED: dict[str, Schema] = {
    **{name: _described("key of the course run", RUN) for name in RUNS},
    **{name: _described("key of the block", USAGE) for name in USAGES},
    "username": _described("username", PERSON),
    **{name: _described(*told) for name, told in OTHERS.items()},
}
CONVERTORS = {
    **dict.fromkeys(RUNS, "run"),
    **dict.fromkeys(USAGES, "usage"),
    "username": "username",
    **dict.fromkeys(OTHERS, "kind"),
}
for name, convertor in {"run": RunKey(), "usage": UsageKey(), "username": Username(), "kind": Kind()}.items():
    register_url_convertor(name, convertor)
