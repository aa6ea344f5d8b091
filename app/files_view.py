"""Files over HTTP: of submissions, assessments and jobs, for whoever may see them; and uploads that are used later."""

from __future__ import annotations

import logging
import re
from collections.abc import Awaitable, Callable
from contextlib import aclosing

import orjson
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from app.context import Context
from app.db.session import Database
from app.domain.assessments.models import AssessmentFile
from app.domain.attempts.models import SubmissionFile
from app.domain.files import record_upload
from app.domain.identity.policy import may_write
from app.domain.jobs.models import Job
from app.domain.rows import visible_row
from app.errors import BadRequest, DomainError, InsufficientScope, NotFound
from app.files.store import Stored
from app.graphql_view.caller import challenge, sign_in
from app.principal import READ, Principal
from app.rest.openedx.authentication import authenticate
from app.telemetry import metrics
from app.transfer.download import Download, FileResponse
from app.transfer.multipart import FilePart, parts

GREATEST = 2**31 - 1
"""Bytes that the column `files.size` can tell."""
REPORT_TYPE = "text/csv; charset=utf-8"
Endpoint = Callable[[Request], Awaitable[Response]]
Find = Callable[[Context, int], Awaitable[Download]]
Who = Callable[[Request, Database], Awaitable[Principal]]
log = logging.getLogger("campusgraph.files")


def told(endpoint: Endpoint) -> Endpoint:
    """The endpoint, with errors spelled as the graph spells them."""

    async def answer(request: Request) -> Response:
        try:
            return await endpoint(request)
        except DomainError as error:
            metrics.refused(error)
            return _refusal(error.status, error.code, str(error), challenge(error))

    return answer


@told
async def download(request: Request) -> Response:
    """A file of a submission that the caller sees. Raises NotFound."""
    return await _sent(request, _of(SubmissionFile), _reader)


@told
async def download_document(request: Request) -> Response:
    """A writeup or a handout that the caller sees. Raises NotFound."""
    return await _sent(request, _of(AssessmentFile))


@told
async def download_report(request: Request) -> Response:
    """What a job wrote that the caller sees. Raises NotFound."""
    return await _sent(request, report_of, _reader)


async def _reader(request: Request, db: Database) -> Principal:
    """Who asks: by a token, or as Open edX's routes know people, by a JWT or a browser's session.

    A link in their answers is followed like this. Raises Unauthenticated, InsufficientScope.
    """
    scheme = request.headers.get("authorization", "jwt").partition(" ")[0]
    if scheme.lower() != "jwt":
        return await sign_in(request, db)
    principal = await authenticate(request, db)
    if principal.user_id is not None and READ not in principal.scopes:
        raise InsufficientScope("the access token lacks the scope `read`")
    return principal


def _of(own: type[SubmissionFile] | type[AssessmentFile]) -> Find:
    """Finds files of a table."""

    async def find(ctx: Context, key: int) -> Download:
        return Download(*await visible_row(ctx, own, key, own.name, own.content_type, own.sha256, own.size))

    return find


async def report_of(ctx: Context, key: int) -> Download:
    """The file of a job that has one. Raises NotFound."""
    row = await visible_row(ctx, Job, key, Job.file_name, Job.sha256, Job.file_size)
    if row.file_name is None:
        raise NotFound("the job has written no file")
    return Download(row.file_name, REPORT_TYPE, row.sha256, row.file_size)


async def _sent(request: Request, find: Find, who: Who = sign_in) -> Response:
    """The file of the path's id, as the row says."""
    text = request.path_params["file_id"]
    file_id = int(text) if re.fullmatch("[0-9]{1,10}", text) else 0
    async with request.app.state.open_database() as db:
        ctx = Context(await who(request, db), db, request.app.state.clock)
        file, store = await find(ctx, file_id), ctx.files
    response = FileResponse(store, file, request.headers)
    return await response.prepare(is_head=request.method == "HEAD")


@told
async def upload(request: Request) -> Response:
    """Store the one file of a form, to be handed in within a day by the SHA-256 that is answered.

    Raises Unauthenticated, InsufficientScope, BadRequest, FileTooLarge.
    """
    async with request.app.state.open_database() as db:
        ctx = Context(await sign_in(request, db), db, request.app.state.clock)
        may_write(ctx)
        principal, store = ctx.principal, ctx.files
    limit = min(request.app.state.settings.upload_limit, GREATEST)
    found: list[tuple[Stored, FilePart]] = []
    async with aclosing(parts(request)) as form:
        async for part in form:
            if isinstance(part, FilePart):
                if found:
                    raise BadRequest("send one file at a time")
                found.append((await store.put(part.chunks, limit), part))
    if not found:
        raise BadRequest("the form has no file")
    [(stored, part)] = found
    async with request.app.state.open_database() as db, db.transaction():
        ctx = Context(principal, db, request.app.state.clock)
        await record_upload(ctx, stored=stored, name=part.filename, content_type=part.content_type)
    log.info("%s bytes were uploaded", stored.size)
    return Response(orjson.dumps({"sha256": stored.sha256, "size": stored.size}), 201, media_type="application/json")


def _refusal(status: int, code: str, message: str, headers: dict[str, str] | None = None) -> Response:
    body = {"errors": [{"message": message, "extensions": {"code": code}}]}
    return Response(orjson.dumps(body), status, headers, "application/json")


ROUTES = [
    Route("/files", upload, methods=["POST"]),
    Route("/files/assessments/{file_id}", download_document, methods=["GET"]),
    Route("/files/jobs/{file_id}", download_report, methods=["GET"]),
    Route("/files/{file_id}", download, methods=["GET"]),
]
