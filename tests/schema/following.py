"""Somebody who follows grades or the marks of a submission, step by step."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from app.context import Context
from schema.core.subscriptions import Following
from schema.graph import build
from tests.schema.client import LIMITS

CHANGES = """subscription ($after: BigInt, $where: ColumnGradeFilter) {
    columnGradesChanged(after: $after, where: $where) {
        changeIndex columnGrades { changeIndex points user { username } assessment { name } } } }"""
SCORED = """subscription ($id: ID!) { submissionScored(submissionId: $id) {
    number status scores { value isReleased problem { name } } } }"""


@dataclass(frozen=True, slots=True)
class Follower:
    """Somebody who follows something."""

    ctx: Context
    following: Following

    @classmethod
    def of(cls, ctx: Context, document: str, **variables: Any) -> Follower:
        graph = build()
        prepared = graph.prepare(document, LIMITS)
        operation = prepared.operation(None)
        assert prepared.errors == []
        assert operation is not None
        return cls(ctx, Following(graph, prepared, operation, variables))

    async def step(self) -> Any:
        """The data of the next event, or None."""
        result = await self.following.step(Context(self.ctx.principal, self.ctx.db, self.ctx.clock))
        assert result is None or not result.errors
        return result and result.data

    async def changes(self) -> Any:
        """(index, username, assessment, points) of the next event's grades; or None. Its index is the last one's."""
        found = await self.step()
        if found is None:
            return None
        event = found["columnGradesChanged"]
        assert event["changeIndex"] == event["columnGrades"][-1]["changeIndex"]
        return [
            (g["changeIndex"], g["user"]["username"], g["assessment"]["name"], g["points"])
            for g in event["columnGrades"]
        ]

    async def marks(self) -> Any:
        """The status of the followed submission and its scores: (problem, value, whether it is released); or None."""
        found = await self.step()
        if found is None:
            return None
        shown = found["submissionScored"]
        return shown["status"], [
            (each["problem"]["name"], each["value"], each["isReleased"]) for each in shown["scores"]
        ]
