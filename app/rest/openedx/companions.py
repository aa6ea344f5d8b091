"""Paths outside of the API that its clients call, too (contracts/edx-core.md §0.9)."""

from __future__ import annotations

from app.rest.family import Family, System
from app.rest.openedx import cohort_list, handlers, masquerade
from app.rest.openedx.dialect import OpenEdx
from app.rest.openedx.endpoint import OpenEdxEndpoint

COMPANION = System(
    name="openedx",
    title="Open edX",
    prefix="/courses",
    dialect=OpenEdx(),
    families=[Family.of(cohort_list), Family.of(handlers), Family.of(masquerade)],
    endpoint=OpenEdxEndpoint,
)
