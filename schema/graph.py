"""Builds the graph from all domains."""

from __future__ import annotations

from functools import cache

import strawberry
from strawberry.schema.config import StrawberryConfig

import app.domain.all
from schema.assessments import queries as subsections
from schema.assessments import types as assessments
from schema.attempts import types as attempts
from schema.blocks import types as blocks
from schema.catalog import types as catalog
from schema.core.graph import Graph
from schema.core.scalars import SCALARS
from schema.enrollment import types as enrollment
from schema.execution.executor import Executor
from schema.gradebook import types as gradebook
from schema.grades import queries as gradebooks
from schema.grades import types as grades
from schema.groups import types as groups
from schema.identity import types as identity
from schema.jobs import types as jobs
from schema.libraries import types as libraries
from schema.mutation import Mutation
from schema.progress import types as progress
from schema.query import Query
from schema.subscription import Subscription

DOMAINS = (
    identity,
    catalog,
    enrollment,
    groups,
    blocks,
    libraries,
    progress,
    assessments,
    subsections,
    gradebook,
    attempts,
    grades,
    gradebooks,
    jobs,
)


@cache
def build(executor: bool = True) -> Graph:
    """The one graph of the process; without `executor` graphql-core executes everything."""
    assert app.domain.all.MODELS
    config = StrawberryConfig(scalar_map=SCALARS)
    schema = strawberry.Schema(query=Query, mutation=Mutation, subscription=Subscription, config=config)
    return Graph(schema, Executor(schema._schema) if executor else None)
