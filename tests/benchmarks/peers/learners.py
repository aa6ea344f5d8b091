"""10,000 learners, each with their user, asked of the graph in process: clients outside get pages of 100."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from hashlib import sha256

import orjson
from sqlalchemy import bindparam, select

from app.context import Context
from app.db.engine import create_engine
from app.db.session import Database
from app.domain.enrollment.models import Enrollment
from app.domain.identity.models import User
from app.domain.identity.tokens import authenticate
from schema.graph import build
from tests.benchmarks.comparison import Answer, Comparison
from tests.benchmarks.peers.data import CROWD, Data
from tests.benchmarks.plain import TOKEN, Reader, taught
from tests.clock import NOW

QUERY = """query Learners($id: Int!, $first: Int!) {
  courseInstance(by: { databaseId: $id }) {
    enrollments(first: $first) { nodes { databaseId role status user { databaseId uid name } } }
  }
}"""
LEARNERS = (
    select(Enrollment.id, Enrollment.role, Enrollment.status, User.id, User.uid, User.name)
    .join(User, User.id == Enrollment.user_id)
    .where(Enrollment.course_instance_id == bindparam("id"), taught(Enrollment.course_instance_id))
    .order_by(Enrollment.id)
    .limit(CROWD.learners)
)


@asynccontextmanager
async def compared(data: Data) -> AsyncIterator[Comparison]:
    """Both sign in, read, and write JSON."""
    engine = create_engine(data.settings)
    graph = build()
    (key,) = data.crowd.course_instance_ids
    variables = {"id": key, "first": CROWD.learners}

    async def ours() -> Answer:
        async with Database(engine) as db:
            ctx = Context(await authenticate(db, data.crowd.token, NOW), db, lambda: NOW)
            result = await graph.execute(graph.prepare(QUERY), ctx, variables, max_page=None)
            return Answer(orjson.dumps({"data": result.data}), db.statements)

    async def theirs() -> Answer:
        async with engine.connect() as connection:
            reader = Reader(connection)
            digest = sha256(data.crowd.token.encode()).hexdigest()
            ((me, _),) = await reader.rows(TOKEN, digest=digest, now=NOW)
            nodes = [
                {"databaseId": a, "role": role, "status": status, "user": {"databaseId": b, "uid": uid, "name": name}}
                for a, role, status, b, uid, name in await reader.rows(LEARNERS, id=key, me=me)
            ]
        body = {"data": {"courseInstance": {"enrollments": {"nodes": nodes}}}}
        return Answer(orjson.dumps(body), reader.statements)

    try:
        yield Comparison("", "10,000 learners with their user, in process", data.database, ours, theirs, repeats=11)
    finally:
        await engine.dispose()
