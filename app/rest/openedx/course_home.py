"""The home of a course run: what it is, its table of contents, its dates, one's progress (contracts/edx-core.md §4)."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any

from app.rest.openedx import outline
from app.rest.openedx.aims import dismissal, goal, unsubscribed, unsubscribed_told
from app.rest.openedx.announcements import handouts_of, updates_of
from app.rest.openedx.asking import NOBODY, Asked
from app.rest.openedx.block_map import Node, tree
from app.rest.openedx.catalogue import ALL
from app.rest.openedx.endpoint import ANYBODY, SIGNED_IN, Made, Operation
from app.rest.openedx.entry import CERTIFICATE, GOALS, REASONS, certificate, goals, time_zone
from app.rest.openedx.home import METADATA, admitted, home, metadata, metadata_told, upgrade_at
from app.rest.openedx.kinds import FLAG, NOTHING, TEXT, parameter
from app.rest.openedx.progress_page import PROGRESS, progress, progress_told
from app.rest.openedx.refusals import PLAIN, Refused
from app.rest.openedx.run import DATES_BANNER, dates_banner, has_ended
from app.rest.openedx.run_page import is_open, jump
from app.rest.openedx.visitor import is_ahead, visitor
from app.rest.route import Call, Row, Schema, closed, nullable

TOOLS: Schema = {"type": "array", "items": closed({"analytics_id": TEXT, "title": TEXT, "url": TEXT})}
DATES: Schema = {"type": "array", "items": outline.DATE}
DATED = closed(
    {
        "dates_banner_info": DATES_BANNER,
        "course_date_blocks": DATES,
        **dict.fromkeys(("has_ended", "learner_is_full_access"), FLAG),
        "user_timezone": nullable(TEXT),
    }
)
OUTLINE = closed(
    {
        "access_expiration": NOTHING,
        "cert_data": nullable(CERTIFICATE),
        "course_goals": GOALS,
        "course_tools": TOOLS,
        "dates_banner_info": DATES_BANNER,
        "course_blocks": nullable(outline.BLOCKS),
        "enable_proctored_exams": FLAG,
        "enroll_alert": closed({"can_enroll": FLAG, "extra_text": nullable(TEXT)}),
        "dates_widget": closed({"course_date_blocks": DATES, "dates_tab_link": TEXT, "user_timezone": nullable(TEXT)}),
        **dict.fromkeys(("enrollment_mode", "handouts_html"), nullable(TEXT)),
        "has_ended": FLAG,
        "offer": NOTHING,
        "resume_course": closed({"has_visited_course": FLAG, "url": nullable(TEXT)}),
        "user_has_passing_grade": FLAG,
        "welcome_message_html": nullable(TEXT),
        "verified_mode": NOTHING,
        "can_show_upgrade_sock": FLAG,
    }
)


async def dated(asked: Asked) -> Mapping[str, Any]:
    """The blocks that the caller sees. Raises Refused."""
    await admitted(asked, not_started=bool(asked.given("allow_not_started_courses")))
    return {"course_instance_id": asked.run["id"], "user_id": asked.ctx.user_id, "first": ALL}


def dates_told(data: Row, call: Call) -> Row:
    """The dates of a run."""
    asked, run = data["asked"], data["asked"].found["home"]["run"]
    standing = next(iter(data["enrollments"]["nodes"]), None)
    at = upgrade_at(run, None if standing is None else standing["mode"])
    found = outline.dates(run, tree(data["blocks"]["nodes"], None), asked.base, at)
    return {
        "dates_banner_info": dates_banner(behind(data)),
        "course_date_blocks": found,
        "has_ended": has_ended(asked),
        "learner_is_full_access": True,
        "user_timezone": time_zone(asked.found["home"]["zone"]),
    }


def behind(data: Row) -> bool:
    """Whether the reader has missed something; strangers have not."""
    return bool((data["run"] or {}).get("is_behind"))


async def outlined(asked: Asked) -> Mapping[str, Any]:
    """As whom the table of contents is read, and whether it has links. Raises Refused."""
    run = await home(asked)
    who = visitor(asked)
    reason = who.closing(run, asked.ctx.now)
    if who.is_in and reason is not None:
        raise Refused(403, REASONS[reason])
    asked.found |= {"is_in": who.is_in, "public": None}
    if not who.is_in:
        if run["has_public_outline"] and not run["allows_guests"]:
            parts = await asked.look("PublicOutline", course_instance_id=asked.run["id"], first=ALL)
            asked.found["public"] = list(open_to_all(parts["blocks"]["nodes"], asked.ctx.now))
        asked.become(NOBODY)
    user_id = asked.ctx.principal.user_id
    return {"course_instance_id": asked.run["id"], "first": ALL, "user_id": user_id}


def open_to_all(rows: Sequence[Row], now: datetime) -> Iterator[Row]:
    """The rows that neither themselves nor what lies above them is for the staff, for groups, or still to begin."""
    shown: set[int | None] = {None}
    for row in rows:
        above = None if row["parent"] is None else row["parent"]["id"]
        if above in shown and not row["is_staff_only"] and not row["audience"] and not is_ahead(row["start_at"], now):
            shown.add(row["id"])
            yield row


def outline_told(data: Row, call: Call) -> Row:
    """The table of contents, and what else a course home shows."""
    asked: Asked = data["asked"]
    known, run = asked.found, asked.found["home"]["run"]
    is_in, record = known["is_in"], run["record"] if known["is_in"] else None
    rows = data["blocks"]["nodes"] if known["public"] is None else known["public"]
    top, here = tree(rows, None), data["run"] or {}
    if top is not None:
        top.tell_of(here.get("root"))
    resume = (here.get("resume") or {}).get("id")
    there = (asked.base, asked.run["key"])
    links = there if known["public"] is None else None
    standing = next(iter(data["enrollments"]["nodes"]), None) if is_in else None
    mode = None if standing is None else standing["mode"]
    found = outline.dates(run, top, asked.base, upgrade_at(run, mode)) if is_in else []
    news = updates_of(data["info"]["nodes"])
    is_new = is_in and bool(news) and (record is None or record["dismissed_update"] != news[0].name)
    shown = top if is_in or run["allows_guests"] or run["has_public_outline"] else None
    site = f"{asked.base}/courses/{asked.run['key']}"
    return {
        "access_expiration": None,
        "cert_data": certificate(mode, standing and standing["certificate"], run["certificate_available_at"]),
        "course_goals": goals(record),
        "course_tools": tools(site) if is_in else [],
        "dates_banner_info": dates_banner(behind(data)),
        "course_blocks": None if shown is None else outline.blocks(shown, resume, links),
        "enable_proctored_exams": False,
        "enroll_alert": {"can_enroll": can_enroll(asked, call), "extra_text": None},
        "dates_widget": widget(found, f"{site}/dates", known["home"]["zone"]),
        "enrollment_mode": mode,
        "handouts_html": handouts_of(data["info"]["nodes"]),
        "has_ended": has_ended(asked),
        "offer": None,
        "resume_course": resumed(top if is_in else None, resume, there),
        "user_has_passing_grade": standing["result"]["is_passing"] if standing else False,
        "welcome_message_html": news[0].content if is_new else None,
        "verified_mode": None,
        "can_show_upgrade_sock": False,
    }


def widget(dates: Sequence[Row], link: str, zone: Row | None) -> Row:
    """The dates beside the table of contents, and where all of them are."""
    return {"course_date_blocks": dates, "dates_tab_link": link, "user_timezone": time_zone(zone)}


def tools(site: str) -> list[Row]:
    """The tools of a course home."""
    return [{"analytics_id": "edx.bookmarks", "title": "Bookmarks", "url": f"{site}/bookmarks/"}]


def can_enroll(asked: Asked, call: Call) -> bool:
    """Whether the caller could enrol themselves now."""
    found = asked.found["home"]
    run, most = found["run"], found["run"]["max_learners"]
    only_masters = bool(run["tracks"]) and all(each["slug"] == "masters" for each in run["tracks"])
    return is_open(run, call.now) and not only_masters and (most is None or found["learners"]["totalCount"] < most)


def resumed(top: Node | None, resume_id: int | None, there: tuple[str, str]) -> Row:
    """Where the learner goes on, or begins."""
    if top is None:
        return {"has_visited_course": False, "url": None}
    found = outline.node_of(top, resume_id) if resume_id is not None else None
    begin = found or outline.first_unit(top)
    return {"has_visited_course": found is not None, "url": None if begin is None else jump(*there, begin.usage)}


SAID: dict[str, Any] = {"needs": ANYBODY, "style": PLAIN, "run": "course_key_string"}
ZONE = parameter("browser_timezone", "Time zone of the browser.")
EARLY = parameter("allow_not_started_courses", "Any text: yes.")


def reads(prefix: str) -> Iterator[Operation]:
    """The pages under one of the two prefixes, which are the same."""
    at = f"/course_home/{prefix}"
    yield Operation(
        "GET",
        f"{at}course_metadata/{{course_key_string}}",
        "CourseMetadata",
        Made(make=metadata_told, made=METADATA),
        plan=metadata,
        parameters=(ZONE,),
        **SAID,
    )
    yield Operation(
        "GET",
        f"{at}dates/{{course_key_string}}",
        "Dates",
        Made(make=dates_told, made=DATED),
        plan=dated,
        parameters=(EARLY,),
        **SAID | {"needs": SIGNED_IN},
    )
    yield Operation(
        "GET",
        f"{at}outline/{{course_key_string}}",
        "Outline",
        Made(make=outline_told, made=OUTLINE),
        plan=outlined,
        **SAID,
    )
    for path in (f"{at}progress/{{course_key_string}}", f"{at}progress/{{course_key_string}}/{{student_id}}"):
        made = Made(make=progress_told, made=PROGRESS)
        yield Operation("GET", path, "Progress", made, plan=progress, **SAID | {"needs": SIGNED_IN})


def writes(prefix: str) -> Iterator[Operation]:
    """What learners ask for under one of the two prefixes."""
    at = f"/course_home/{prefix}"
    yield Operation(
        "POST",
        f"{at}dismiss_welcome_message",
        "DismissWelcomeMessage",
        Made(make=lambda data, call: {"message": "The welcome message is dismissed."}, made=closed({"message": TEXT})),
        style=PLAIN,
        plan=dismissal,
    )
    yield Operation(
        "POST",
        f"{at}save_course_goal",
        "SaveCourseGoal",
        Made(
            make=lambda data, call: {"header": "Your goal is set.", "message": "Your goal was saved."},
            made=closed({"header": TEXT, "message": TEXT}),
        ),
        style=PLAIN,
        plan=goal,
    )
    yield Operation(
        "POST",
        f"{at}unsubscribe_from_course_goal/{{token}}",
        "UnsubscribeFromCourseGoal",
        Made(make=unsubscribed_told, made=closed({"course_title": TEXT})),
        needs=ANYBODY,
        style=PLAIN,
        plan=unsubscribed,
    )


ROUTES = [operation for prefix in ("", "v1/") for operation in (*reads(prefix), *writes(prefix))]
