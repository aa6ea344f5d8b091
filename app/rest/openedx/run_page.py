"""How a course run is told: its names, dates, pictures, who may get in (contracts/edx-core.md §1.1)."""

from __future__ import annotations

from datetime import UTC, datetime
from html import escape
from urllib.parse import quote

from app.domain.catalog.keys import OLD_RUN, parse_run
from app.rest.openedx.kinds import FLAG, MOMENT, TEXT
from app.rest.route import Row, Schema, closed, nullable

UNSET_START = datetime(2030, 1, 1, tzinfo=UTC)
"""Stands for a start that nobody said."""
STARTS: Schema = {"type": "string", "enum": ["string", "timestamp", "empty"]}
PACES: Schema = {"type": "string", "enum": ["instructor", "self"]}
ADDRESS = closed({"uri": TEXT})
MEDIA = closed(
    {
        "banner_image": closed({"uri": TEXT, "uri_absolute": TEXT}),
        "course_image": ADDRESS,
        "course_video": closed({"uri": nullable(TEXT)}),
        "image": closed({"raw": TEXT, "small": TEXT, "large": TEXT}),
    }
)
BEGINNING = {
    "start": MOMENT,
    "end": nullable(MOMENT),
    "enrollment_start": nullable(MOMENT),
    "enrollment_end": nullable(MOMENT),
    "start_display": nullable(TEXT),
    "start_type": STARTS,
    "pacing": PACES,
}
COURSE: dict[str, Schema] = {
    "blocks_url": TEXT,
    "effort": nullable(TEXT),
    **BEGINNING,
    **dict.fromkeys(("id", "course_id", "name", "number", "org"), TEXT),
    "short_description": nullable(TEXT),
    **dict.fromkeys(("mobile_available", "hidden", "invitation_only"), FLAG),
    "media": MEDIA,
}


def whole(at: datetime | None) -> datetime | None:
    """A date of a course, which has whole seconds."""
    return None if at is None else at.replace(microsecond=0)


def beginning(run: Row) -> Row:
    """When a run starts and ends, when one may enrol, how it is paced."""
    start = run["start_at"]
    kind = "string" if run["advertised_start"] else "empty" if start is None else "timestamp"
    said = run["advertised_start"] or (None if start is None else f"{start:%B} {start.day}, {start.year}")
    return {
        "start": whole(start) or UNSET_START,
        "end": whole(run["end_at"]),
        "enrollment_start": whole(run["enrollment_start_at"]),
        "enrollment_end": whole(run["enrollment_end_at"]),
        "start_display": said,
        "start_type": kind,
        "pacing": "self" if run["is_self_paced"] else "instructor",
    }


def number_of(run: Row) -> str:
    """The number to show: what the run says, else that of its key."""
    return str(run["number"] or parts_of(run)[1])


def organization_of(run: Row) -> str:
    """The organization to show: what the run says, else that of its key."""
    return str(run["organization"] or parts_of(run)[0])


def parts_of(run: Row) -> tuple[str, str]:
    """Organization and number in a run's key."""
    parsed = parse_run(run["key"])
    return (parsed.organization, parsed.course) if parsed is not None else ("", "")


def media(run: Row, base: str) -> Row:
    """Pictures and film: `uri` as they are stored, others absolute."""
    image, banner = run["image_url"] or "", run["banner_url"] or ""
    large = absolute(image, base)
    return {
        "banner_image": {"uri": banner, "uri_absolute": absolute(banner, base)},
        "course_image": {"uri": image},
        "course_video": {"uri": run["video_url"]},
        "image": {"raw": large, "small": large, "large": large},
    }


def absolute(address: str, base: str) -> str:
    """An address of this site with its name; nothing for none."""
    return f"{base}{address}" if address.startswith("/") and not address.startswith("//") else address


def course(run: Row, base: str) -> Row:
    """A run as the catalogue tells it."""
    return {
        "blocks_url": f"{base}/api/courses/v2/blocks/?course_id={quote(run['key'], safe='')}",
        "effort": run["effort"],
        **beginning(run),
        "id": run["key"],
        "course_id": run["key"],
        "name": escape(run["name"], quote=False),
        "number": number_of(run),
        "org": organization_of(run),
        "short_description": run["short_description"],
        "mobile_available": run["is_mobile_available"],
        "hidden": run["catalog_visibility"] != "BOTH" or OLD_RUN.fullmatch(run["key"]) is not None,
        "invitation_only": by_invitation(run),
        "media": media(run, base),
    }


def by_invitation(run: Row) -> bool:
    """Whether people cannot enrol themselves."""
    return bool(run["enrollment_method"] != "SELF_ENROLLMENT")


def is_open(run: Row, now: datetime) -> bool:
    """Whether people may enrol themselves at a moment."""
    begins, ends = run["enrollment_start_at"], run["enrollment_end_at"]
    is_time = (begins is None or begins <= now) and (ends is None or now < ends)
    return is_time and not by_invitation(run) and run["availability"] == "AVAILABLE"


def jump(base: str, key: str, usage: str | None) -> str:
    """The address at which a learner finds a block."""
    return f"{base}/courses/{key}/jump_to/{usage}"
