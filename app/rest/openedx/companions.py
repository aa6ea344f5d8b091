"""Paths outside of the API that its clients call, too (contracts/edx-core.md §0.9, §14)."""

from __future__ import annotations

from app.rest.family import Family, System
from app.rest.openedx import block_page, certificate_page, cohort_list, handlers, jump, library_handlers, masquerade
from app.rest.openedx.dialect import OpenEdx
from app.rest.openedx.endpoint import OpenEdxEndpoint


def _companion(prefix: str, *families: Family) -> System:
    return System(
        name="openedx",
        title="Open edX",
        prefix=prefix,
        dialect=OpenEdx(),
        families=families,
        endpoint=OpenEdxEndpoint,
    )


COMPANIONS = (
    _companion("/courses", Family.of(cohort_list), Family.of(handlers), Family.of(jump), Family.of(masquerade)),
    _companion("/xblock", Family.of(block_page)),
    _companion("/api", Family.of(library_handlers)),
    _companion("/certificates", Family.of(certificate_page)),
)
