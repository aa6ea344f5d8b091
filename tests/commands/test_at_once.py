"""Ten requests at the same moment to real servers: the last attempt is given once (assessments case 28)."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import httpx
import pytest

from app.context import Context
from app.db.engine import create_engine
from app.db.session import Database
from app.domain.assessments.models import QuestionKind
from app.domain.identity.tokens import issue_token
from app.principal import Principal
from app.settings import Settings
from tests.commands.test_serving import PATIENCE, serving
from tests.factories import quiz, university

TOGETHER = 10
DOCUMENT = """mutation ($input: SubmitAnswersInput!) {
  submitAnswers(input: $input) { submission { number } userErrors { code } }
}"""


@dataclass(frozen=True, slots=True)
class Quizzes:
    """A learner's token, and (assessment, problem) of quizzes that may be answered once."""

    token: str
    keys: list[tuple[int, int]]


async def _filled(url: str) -> Quizzes:
    engine = create_engine(Settings(database_url=url))
    async with Database(engine) as db, db.transaction():
        world = await university(Context(Principal.program, db))
        asked = {"Q": (QuestionKind.TRUE_FALSE, True, "")}
        made = [await quiz(world, asked, name=name, max_submissions=1, passing_percentage=50) for name in "ab"]
        token = (await issue_token(world.student, name="test", scopes=["read", "write"])).text
    await engine.dispose()
    return Quizzes(token, [(each.assessment_id, each.problem_ids["Q"]) for each in made])


@pytest.fixture
def filled(url: str) -> Quizzes:
    return asyncio.run(_filled(url))


def together(address: str, token: str, path: str, body: Any) -> list[httpx.Response]:
    """The answers to as many equal requests, each by a connection of its own."""

    async def run() -> list[httpx.Response]:
        clients = [httpx.AsyncClient(base_url=address, timeout=PATIENCE) for _ in range(TOGETHER)]
        await asyncio.gather(*(each.get("/healthz") for each in clients))
        headers = {"Authorization": f"Bearer {token}"}
        answers = await asyncio.gather(*(each.post(path, json=body, headers=headers) for each in clients))
        await asyncio.gather(*(each.aclose() for each in clients))
        return answers

    return asyncio.run(run())


def rest(problem_id: int, assessment_id: int) -> tuple[str, Any, Callable[[httpx.Response], Any]]:
    """The request of the assessments API, and what is looked at in its answer."""
    body = {"answers": [{"question_id": f"qst_{problem_id}", "answer": True}]}
    path = f"/api/v1/assessments/asmnt_{assessment_id}/submissions"
    return path, body, lambda response: (response.status_code, (response.json()["error"] or {}).get("code"))


def graphql(problem_id: int, assessment_id: int) -> tuple[str, Any, Callable[[httpx.Response], Any]]:
    """The same of the graph."""
    given = {"assessmentId": str(assessment_id), "answers": [{"problemId": str(problem_id), "answer": True}]}

    def told(response: httpx.Response) -> Any:
        found = response.json()["data"]["submitAnswers"]
        return found["submission"] and found["submission"]["number"], *(each["code"] for each in found["userErrors"])

    return "/graphql", {"query": DOCUMENT, "variables": {"input": given}}, told


EXPECTED: tuple[tuple[Any, dict[Any, int]], ...] = (
    (rest, {(201, None): 1, (403, "ATTEMPT_LIMIT_REACHED"): 9}),
    (graphql, {(1,): 1, (None, "LIMIT_REACHED"): 9}),
)


@pytest.mark.parametrize("workers", ["1", "2"])
def test_the_last_attempt_is_given_once(filled: Quizzes, workers: str) -> None:
    with serving("--workers", workers) as (_, _, address):
        for (assessment_id, problem_id), (ask, expected) in zip(filled.keys, EXPECTED, strict=True):
            path, body, told = ask(problem_id, assessment_id)
            answers = together(address, filled.token, path, body)
            assert Counter(map(told, answers)) == expected


def test_two_workers_take_from_one_bucket(filled: Quizzes, redis_url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Six points, in Redis: ten requests of one point each, whoever answers them."""
    monkeypatch.setenv("CAMPUSGRAPH_LIMITS_URL", redis_url)
    monkeypatch.setenv("CAMPUSGRAPH_COST_LIMIT", "6")
    with serving("--workers", "2") as (_, _, address):
        answers = together(address, filled.token, "/graphql", {"query": "{ viewer { username } }"})
    assert Counter(each.status_code for each in answers) == {200: 6, 429: 4}
    left = [each.json()["extensions"]["cost"]["remaining"] for each in answers if each.status_code == 429]
    assert left == [0] * 4
