"""Blackboard Learn's public REST API, `/learn/api/public`."""

from __future__ import annotations

from app.rest.blackboard import (
    attempts,
    columns,
    courses,
    grades,
    grading,
    institution,
    memberships,
    system,
    twins,
    users,
)
from app.rest.blackboard.dialect import BASE, Blackboard
from app.rest.blackboard.endpoint import BlackboardEndpoint
from app.rest.family import Family, System

MODULES = (system, courses, memberships, columns, grades, grading, attempts, users, institution, twins)

SYSTEM = System(
    name="blackboard",
    title="Blackboard Learn",
    prefix=BASE,
    dialect=Blackboard(),
    families=[Family.of(module) for module in MODULES],
    endpoint=BlackboardEndpoint,
)
