"""The life of a request here: 401, then 404 of the object in the path, 403, and only then the body (contract, §1.2)."""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache
from pathlib import Path
from typing import Any
from uuid import uuid4

import orjson
from starlette.requests import Request
from starlette.responses import Response

from app.context import Context
from app.domain.attempts.queries import is_known_assessment, is_known_course_instance, is_known_submission
from app.errors import BadRequest, Forbidden, NotFound
from app.principal import Principal
from app.rest.assessments import fields
from app.rest.assessments.dialect import AssessmentsDialect
from app.rest.assessments.refusals import Invalid, require_done
from app.rest.assessments.spelling import ASSESSMENT, COURSE, SUBMISSION, asked, key
from app.rest.binding import NOWHERE
from app.rest.dialect import Dialect
from app.rest.document import Document, load
from app.rest.endpoint import Endpoint, respond, run
from app.rest.route import Call, Route
from schema.core.graph import Graph

CREATE, READ, INSTRUCT, SUBMIT, SEE_RESULT = "create", "read", "instruct", "submit", "see result"
NOBODY = "nobody"
"""What needs no token."""
CATEGORY = "Assessments"
MOST_PER_PAGE = 100
Data = dict[str, Any]


@lru_cache(maxsize=2)
def documents(graph: Graph) -> dict[str, Document]:
    """The documents that routes share, compiled once."""
    return load(graph, Path(__file__).with_name("assessments.graphql"))


class AssessmentsEndpoint(Endpoint):
    """One route. What the caller may do is asked of the graph before the body is looked at."""

    def __init__(self, graph: Graph, dialect: Dialect, route: Route, document: Document) -> None:
        super().__init__(graph, dialect, route, document)
        self.documents = documents(graph)

    async def __call__(self, request: Request) -> Response:
        assert isinstance(self.dialect, AssessmentsDialect)
        principal = Principal.anonymous if self.route.needs == NOBODY else None
        response = await respond(self.dialect, request, lambda ctx: self.answer(request, ctx), principal)
        return await self.dialect.limited(request, response)

    async def answer(self, request: Request, ctx: Context) -> Response:
        """The response to somebody who is known, or need not be."""
        if self.route.answer is not None:
            return await super().answer(request, ctx)
        path = request.path_params
        keys = {"id": key(ASSESSMENT, path.get("id")), "submission_id": key(SUBMISSION, path.get("submission_id"))}
        match self.route.needs:
            case None:
                data = await self._listed(request, ctx)
            case "create":
                data = await self._created(await sent(request), ctx)
            case _:
                data = await self._one(request, ctx, keys)
        call = Call({}, ctx.now, request.app.state.settings)
        body = self.route.body(data, call)
        if isinstance(body, list) and self.route.needs is not None:
            page = _page(request)
            data["meta"] = _meta(len(body), page)
            body = body[(page[0] - 1) * page[1] : page[0] * page[1]]
        return self.dialect.render(body, self.route, data, call)

    async def _run(self, name: str, ctx: Context, **variables: Any) -> Data:
        return await run(self.graph, self.documents[name], ctx, variables)

    async def _listed(self, request: Request, ctx: Context) -> Data:
        """A page of what the caller may see and has not left."""
        page, per_page = _page(request)
        viewer = (await self._run("Left", ctx))["viewer"]
        left = [
            each["courseInstance"]["databaseId"]
            for each in (viewer["enrollments"]["nodes"] if viewer else ())
            if each["status"] == "DROPPED" and not each["courseInstance"]["viewerAccess"]["seesContent"]
        ]
        where: Data = {"gradingType": {"eq": "ATTEMPTS"}, "not": {"courseInstanceId": {"in": left}}}
        if "course_id" in request.query_params:
            where["courseInstanceId"] = {"eq": key(COURSE, request.query_params["course_id"])}
        total = (await self._run("Assessments", ctx, where=where, first=0))["assessments"]["totalCount"]
        start = (page - 1) * per_page
        data = await self._run("Assessments", ctx, where=where, first=start + per_page if start < total else 0)
        nodes = data["assessments"]["nodes"][start:] if start < total else []
        return {"assessments": {"nodes": nodes}, "meta": _meta(total, (page, per_page))}

    async def _created(self, body: fields.Body, ctx: Context) -> Data:
        """A new assessment, of the category for those that name none."""
        course_id = body.get("course_id")
        place = NOWHERE
        if isinstance(course_id, str):
            place = key(COURSE, course_id)
            guard = (await self._run("CourseGuard", ctx, id=place))["courseInstance"]
            if guard is None and not await is_known_course_instance(ctx, place):
                raise NotFound("no such course")
            if guard is None or not guard["viewerAccess"]["instructs"]:
                raise Forbidden("only the instructor of the course may do this")
        given = fields.details(body, "course_id", "title", "passing_score")
        made = {"name": f"assessment-{uuid4().hex}", "kind": "QUIZ", "maxInstances": 1, **given}
        made |= {"courseInstanceId": str(place), "categoryId": str(await self._category(ctx, place))}
        return await self._written(ctx, input=made)

    async def _category(self, ctx: Context, place: int) -> int:
        for _ in range(2):
            found = (await self._run("CourseGuard", ctx, id=place))["courseInstance"]["assessmentCategories"]
            for each in found:
                if each["name"] == CATEGORY:
                    return int(each["databaseId"])
            asked_for = {"courseInstanceId": str(place), "name": CATEGORY, "abbreviation": "A"}
            await self._run("CreateCategory", ctx, input=asked_for)
        raise NotFound("no such course")

    async def _one(self, request: Request, ctx: Context, keys: Mapping[str, int]) -> Data:
        """What is asked of one assessment."""
        problems = await self._guarded(ctx, keys)
        if self.route.method == "GET":
            data = await run(self.graph, self.document, ctx, {each: keys[each] for each in self.document.variables})
            if self.route.needs == SEE_RESULT:
                _require_result(data["submission"])
            return data
        body, here = await sent(request), {"assessmentId": str(keys["id"])}
        match self.document.name:
            case "SubmitAnswers":
                given: Data = {"answers": fields.answers(body, problems)}
            case "AddQuestion":
                given = fields.question(body)
            case _:
                given = fields.details(body)
        return await self._written(ctx, input=here | given)

    async def _written(self, ctx: Context, **variables: Any) -> Data:
        data = await run(self.graph, self.document, ctx, variables)
        require_done(data["done"]["userErrors"])
        return data

    async def _guarded(self, ctx: Context, keys: Mapping[str, int]) -> dict[int, str]:
        """The kinds of the assessment's questions by problem id. Raises NotFound, then Forbidden."""
        is_result = self.route.needs == SEE_RESULT
        if not await is_known_assessment(ctx, keys["id"]):
            raise NotFound("no such assessment")
        if is_result and not await is_known_submission(ctx, keys["id"], keys["submission_id"]):
            raise NotFound("no such submission")
        guard = await self._run("Guard", ctx, id=keys["id"])
        found = guard["assessment"]
        if found is None:
            raise Forbidden("only who takes part in the course may do this")
        here, may = found["courseInstance"]["databaseId"], found["courseInstance"]["viewerAccess"]
        nodes = guard["viewer"]["enrollments"]["nodes"] if guard["viewer"] else ()
        status = next((each["status"] for each in nodes if each["courseInstance"]["databaseId"] == here), None)
        permitted = {
            READ: may["seesContent"] or status in ("ACTIVE", "COMPLETED"),
            INSTRUCT: may["instructs"],
            SUBMIT: status == "ACTIVE",
            SEE_RESULT: True,
        }
        if not permitted[self.route.needs or READ]:
            raise Forbidden("the role in the course is not enough")
        return {each["databaseId"]: each["question"]["kind"] for each in asked(found)}


def _require_result(submission: Any) -> None:
    """Raise unless a submission that is there may be seen, with a result."""
    if submission is None or submission["results"] is None:
        raise Forbidden("only who submitted it and the instructor of the course see the result")


def _page(request: Request) -> tuple[int, int]:
    """(`page`, `per_page`), the latter cut to 100. Raises Invalid."""
    found, issues = [], []
    for name, default in (("page", "1"), ("per_page", "20")):
        text = request.query_params.get(name, default)
        if not (text.isascii() and text.isdecimal() and len(text) < 10 and int(text) > 0):
            issues.append((name, "a positive integer is asked for"))
            continue
        found.append(int(text))
    if issues:
        raise Invalid(*issues)
    return found[0], min(found[1], MOST_PER_PAGE)


def _meta(total: int, page: tuple[int, int]) -> dict[str, int]:
    return {"total": total, "page": page[0], "per_page": page[1]}


async def sent(request: Request) -> fields.Body:
    """The JSON object that was sent. Raises BadRequest."""
    raw = bytearray()
    async for chunk in request.stream():
        raw += chunk
        if len(raw) > request.app.state.settings.body_limit:
            raise BadRequest("the body is too large")
    try:
        found = orjson.loads(bytes(raw))
    except orjson.JSONDecodeError:
        raise BadRequest("the body is not JSON") from None
    if not isinstance(found, dict):
        raise BadRequest("the body is not an object")
    return found
