"""(f) Ten gradebooks of ten columns and ten learners: one GraphQL request, and the workflow of Blackboard's guide."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Any

import orjson

from app.domain.identity.service import create_user
from app.domain.identity.tokens import issue_token
from tests.benchmarks.comparison import Answer, Comparison, Run
from tests.benchmarks.exchange import Request, graphql
from tests.benchmarks.population import Size, populate
from tests.benchmarks.stage import Stage
from tests.rest.blackboard.workflow import COURSES, QUERY, Pulled, of_graph, pull

SIZE = Size(course_instances=10, assessments=10, learners=10)
NAME = "pulling"
MINE = QUERY.replace("{availability:", f'{{name: {{contains: "{NAME}"}}, availability:')
"""The README's query of this row's courses alone: the database has those of the other rows, too."""


async def compare(stage: Stage, size: Size = SIZE) -> AsyncIterator[Comparison]:
    """Both by an application's token, on the same server; each answer tells what was pulled, in one form."""
    async with stage.filling() as ctx:
        await populate(ctx, NAME, size)
        root = await create_user(ctx, username=f"{NAME}-root", email=f"{NAME}@uni.example", name="Root", is_staff=True)
        token = (await issue_token(ctx, name=NAME, user_id=root)).text
    ask, theirs = stage.ours(graphql(MINE, token=token)), workflow(stage, token)

    async def ours() -> Answer:
        answer = await ask()
        return told(of_graph(orjson.loads(answer.content)["data"]), [answer])

    title = f"pull {' x '.join(map(str, size))} grades: 1 / {(await theirs()).requests} requests"
    yield Comparison("f", title, stage.database, ours, theirs, repeats=7, warm_up=1)


def workflow(stage: Stage, token: str) -> Run:
    """Pulls by Blackboard's routes."""
    headers = {"Authorization": f"Bearer {token}"}

    async def run() -> Answer:
        answers: list[Answer] = []

        async def get(path: str) -> Any:
            answers.append(await stage.ours(Request("GET", path, headers))())
            return orjson.loads(answers[-1].content)

        return told(await pull(get, courses=f"{COURSES}&courseId={NAME}"), answers)

    return run


def told(pulled: Pulled, answers: list[Answer]) -> Answer:
    """What was pulled with some requests, and what these cost."""
    content = orjson.dumps(pulled.record())
    statements = sum(each.statements or 0 for each in answers)
    return Answer(content, statements, len(answers), sum(each.length for each in answers))
