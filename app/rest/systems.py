"""The foreign systems that are served."""

from __future__ import annotations

from app.rest.assessments import SYSTEM as ASSESSMENTS
from app.rest.autolab import SYSTEM as AUTOLAB
from app.rest.blackboard import SYSTEM as BLACKBOARD
from app.rest.family import System
from app.rest.openedx import SYSTEM as OPENEDX
from app.rest.prairielearn import SYSTEM as PRAIRIELEARN

SYSTEMS: tuple[System, ...] = (PRAIRIELEARN, AUTOLAB, BLACKBOARD, ASSESSMENTS, OPENEDX)


def system_named(name: str) -> System:
    """The system of that name. Raises LookupError that lists the known ones."""
    for system in SYSTEMS:
        if system.name == name:
            return system
    raise LookupError(f"unknown system {name!r}: known are {', '.join(each.name for each in SYSTEMS)}")
