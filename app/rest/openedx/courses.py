"""The catalogue of course runs, and the blocks of a run (contracts/edx-core.md §1)."""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial
from typing import Any

from starlette.responses import Response

from app.domain.catalog.keys import Usage, parse_run, parse_usage
from app.rest.openedx.acting import as_guest, as_somebody
from app.rest.openedx.asking import Asked
from app.rest.openedx.block_map import ANSWER, Site, Wanted, told, tree
from app.rest.openedx.catalogue import ALL, flag, matching, places_of, visitor_of
from app.rest.openedx.dialect import written
from app.rest.openedx.endpoint import ANYBODY, Made, Operation
from app.rest.openedx.kinds import FLAG, MOMENT, TEXT, parameter
from app.rest.openedx.listing import Listed
from app.rest.openedx.refusals import NOT_ALLOWED, Refused
from app.rest.openedx.run_page import COURSE, course, whole
from app.rest.openedx.searched import INDEX, searched
from app.rest.route import Call, Row, Schema, closed, nullable

NO_COURSE = "Course not found."
BAD_DEPTH = "'{}' is not a valid depth value."
DEEPEST = 10**6
KEPT_SECONDS = 300
"""How long what is told to everybody may be kept."""
COMPLETION = {"completion", "complete", "resume_block"}
DETAIL = COURSE | {"overview": nullable(TEXT), "certificate_available_date": nullable(MOMENT)}
METADATA: Schema = {
    "type": "object",
    "properties": {"id": TEXT, "type": TEXT, "index_dictionary": INDEX},
    "required": ["id", "type"],
    "additionalProperties": False,
}


async def catalogue(asked: Asked) -> Mapping[str, Any]:
    """The runs that are found."""
    ids = await matching(asked)
    asked.look_on()
    return {"ids": ids}


def no_course(key: str) -> Refused:
    """The refusal of a run that is not there."""
    if parse_run(key) is None:
        return Refused(400, fields={"course_key": f"'{key}' is not a valid course key."})
    return Refused(404, NO_COURSE)


async def detail(asked: Asked) -> Mapping[str, Any]:
    """Whether the run has a page for the visitor. Raises Refused."""
    visitor = await visitor_of(asked)
    asked.look_on()
    asked.found["visitor"] = visitor
    return {}


def page(data: Row, call: Call) -> Row:
    """A run with its page, and whether who was named is enrolled."""
    asked, run = data["asked"], data["run"]
    visitor = asked.found["visitor"]
    if run is None or not visitor.finds({**run, "id": asked.run["id"]}, by_address=True):
        raise Refused(404, NO_COURSE)
    made = course(run, asked.base) | {"overview": run["overview"]}
    if run["certificate_available_at"] is not None:
        made["certificate_available_date"] = whole(run["certificate_available_at"])
    return made | ({"is_enrolled": asked.run["id"] in visitor.places} if asked.given("username") else {})


async def keys(asked: Asked) -> Mapping[str, Any]:
    """The runs in which somebody has a role."""
    ids = await places_of(asked)
    asked.look_on()
    return {"ids": ids}


async def of_run(asked: Asked) -> Mapping[str, Any]:
    """The blocks of `course_id`, discussions left aside. Raises Refused."""
    key = asked.given("course_id")
    if not key:
        raise Refused(400, "course_id is required.")
    if parse_run(key) is None:
        raise Refused(400, f"'{key}' is not a valid course key.")
    return await blocks(asked, key, None)


async def of_usage(asked: Asked) -> Mapping[str, Any]:
    """A block and those below it. Raises Refused."""
    usage = asked.path["usage_key_string"]
    key = await run_of(asked, usage)
    if key is None:
        raise Refused(400, f"'{usage}' is not a valid usage key.")
    return await blocks(asked, key, usage)


async def run_of(asked: Asked, usage: str) -> str | None:
    """The key of the run that a block's key names, be there such a block or not; None for what is no key."""
    parsed = parse_usage(usage)
    if parsed is None:
        return None
    place = (await asked.look("BlockPlace", usage_id=usage))["block"]
    return place["place"]["key"] if place is not None and place["place"] is not None else named_run(usage, parsed)


def named_run(usage: str, parsed: Usage) -> str:
    """The key of the run that a block's key says it is of."""
    scheme = "ccx-v1" if usage.startswith("ccx-") else "course-v1"
    return f"{scheme}:{parsed.organization}+{parsed.course}+{parsed.run}"


async def blocks(asked: Asked, key: str, usage: str | None) -> Mapping[str, Any]:
    """What is read of the blocks of a run, and as whom. Raises Refused."""
    wanted, name, all_blocks = asked_for(asked, usage), asked.given("username"), flag(asked, "all_blocks")
    if name is None and not all_blocks:
        raise Refused(400, fields={"username": "This field is required unless all_blocks is requested."})
    run = await asked.find_run(key)
    if run is None:
        raise Refused(404, NO_COURSE) if asked.is_administrator else Refused(403, NOT_ALLOWED)
    await asked.enter(run)
    if all_blocks:
        if not asked.is_staff:
            raise Refused(403, NOT_ALLOWED)
    elif name:
        await as_somebody(asked, name)
    else:
        as_guest(asked)
    asked.found |= {"wanted": wanted, "usage": usage}
    needs = {"with_completion": bool(wanted.fields & COMPLETION), "with_content": "html" in wanted.viewed}
    needs["with_due"] = "due" in wanted.fields and not all_blocks
    needs |= {"with_video": "video" in wanted.viewed, "with_scheduled": "has_scheduled_content" in wanted.fields}
    needs["with_run"] = needs["with_completion"] or needs["with_scheduled"]
    return {"course_instance_id": run["id"], "first": ALL, **needs}


def asked_for(asked: Asked, usage: str | None) -> Wanted:
    """Which blocks are asked for, and what of each. Raises Refused."""
    form = asked.given("return_type") or "dict"
    if form not in ("dict", "list"):
        raise Refused(400, fields={"return_type": f"{form!a} is neither dict nor list."})
    depth, nav_depth = asked.given("depth"), asked.given("nav_depth")
    deep = 0 if not depth else None if depth == "all" else level("depth", depth)
    return Wanted(
        depth=deep if depth or not nav_depth else level("nav_depth", nav_depth),
        nav_depth=level("nav_depth", nav_depth) if nav_depth else None,
        fields=frozenset(asked.listed("requested_fields")),
        counted=asked.listed("block_counts"),
        viewed=asked.listed("student_view_data"),
        kinds=asked.listed("block_types_filter"),
        is_list=form == "list",
        has_talk=usage is not None,
    )


def level(name: str, text: str) -> int:
    """A number of levels, the largest for more than that. Raises Refused for what is none."""
    if not (text.isascii() and text.isdecimal()):
        raise Refused(400, fields={name: BAD_DEPTH.format(text)})
    return int(text) if len(text) < 7 else DEEPEST


def shaped(data: Row, call: Call, *, has_gated: bool) -> Any:
    """The blocks as they were asked for; what guests are told may be kept for a while."""
    asked: Asked = data["asked"]
    wanted, rows = asked.found["wanted"], data["blocks"]["nodes"]
    top = tree(rows, asked.found["usage"], has_talk=wanted.has_talk, has_gated=has_gated)
    if top is None:
        raise Refused(404, "Block not found.")
    run = data.get("run") or {}
    resume = run.get("resume")
    top.tell_of(run.get("root"))
    made = told(top, wanted, Site(asked.base, asked.run["key"], None if resume is None else resume["id"]))
    if asked.given("username") or flag(asked, "all_blocks"):
        return made
    response: Response = written(made, 200)
    response.headers["Cache-Control"] = f"max-age={KEPT_SECONDS}"
    return response


async def metadata(asked: Asked) -> Mapping[str, Any]:
    """The block that is asked for. Raises Refused."""
    usage = asked.path["usage_key_string"]
    key = await run_of(asked, usage)
    if key is None:
        raise Refused(400, f"'{usage}' is not a valid usage key.")
    run = await asked.find_run(key)
    if run is not None:
        await asked.enter(run)
    if not asked.is_staff:
        raise Refused(403, NOT_ALLOWED)
    return {"usage_id": usage}


def index(data: Row, call: Call) -> Row:
    """What a block is; on request what a search looks through."""
    asked, block = data["asked"], data["block"]
    if block is None:
        raise Refused(404, "Block not found.")
    made = {"id": block["id"], "type": block["type"]}
    if "index_dictionary" not in asked.listed("include"):
        return made
    return made | {"index_dictionary": searched(block["type"], block["name"], block["content"])}


USERNAME = parameter("username", "As whom to look; nobody in particular when blank.")
DEPTHS = parameter("depth", "How many levels below the block, or `all`; 0 when absent.")
LISTS = ("requested_fields", "block_counts", "student_view_data", "block_types_filter")
BLOCKS = (
    USERNAME,
    parameter("all_blocks", "All of them, for the staff.", FLAG),
    DEPTHS,
    parameter("nav_depth", "How many levels a table of contents has.", {"type": "integer", "minimum": 0}),
    *(parameter(name, "Names, between commas.") for name in LISTS),
    parameter("return_type", "`dict` or `list`."),
)
FILTERS = (
    USERNAME,
    *(parameter(name, "Only these.") for name in ("org", "search_term", "course_keys", "permissions")),
    *(parameter(name, "Whether.", FLAG) for name in ("mobile", "mobile_search", "active_only")),
)
BLOCKS_TOLD = {version: Made(make=partial(shaped, has_gated=version == "v2"), made=ANSWER) for version in ("v1", "v2")}
"""The second version tells of blocks whose gate the reader has not passed."""
USAGE = "/courses/{}/blocks/{{usage_key_string}}"
ROUTES = [
    Operation(
        "GET",
        "/courses/v1/courses/",
        "Courses",
        Listed(("runs",), is_namespaced=True, tell=lambda run, asked: course(run, asked.base), item=closed(COURSE)),
        needs=ANYBODY,
        plan=catalogue,
        parameters=FILTERS,
    ),
    Operation(
        "GET",
        "/courses/v1/courses/{course_key_string}",
        "CourseDetail",
        Made(
            make=page,
            made={
                "type": "object",
                "properties": {**DETAIL, "is_enrolled": FLAG},
                "required": [*COURSE, "overview"],
                "additionalProperties": False,
            },
        ),
        needs=ANYBODY,
        run="course_key_string",
        unknown=no_course,
        plan=detail,
        parameters=(USERNAME,),
    ),
    Operation(
        "GET",
        "/courses/v1/course_ids/",
        "CourseIds",
        Listed(("runs",), most=1000, is_namespaced=True, tell=lambda run, asked: run["key"], item=TEXT),
        plan=keys,
        parameters=(USERNAME, parameter("role", "Such as `staff` or `instructor`.")),
    ),
    *(
        Operation("GET", path, "Blocks", body, needs=ANYBODY, plan=plan, parameters=parameters)
        for version, body in BLOCKS_TOLD.items()
        for path, plan, parameters in (
            (USAGE.format(version), of_usage, BLOCKS),
            (f"/courses/{version}/blocks/", of_run, (*BLOCKS, parameter("course_id", "Key of the course run."))),
        )
    ),
    *(
        Operation(
            "GET",
            f"/courses/{version}/block_metadata/{{usage_key_string}}",
            "BlockMetadata",
            Made(make=index, made=METADATA),
            needs=ANYBODY,
            plan=metadata,
            parameters=(parameter("include", "`index_dictionary`."),),
        )
        for version in ("v1", "v2")
    ),
]
