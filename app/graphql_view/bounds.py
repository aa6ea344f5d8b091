"""The limits of documents from outside, by the settings."""

from __future__ import annotations

from app.settings import Settings
from schema.core.limits import Limits


def limits_of(settings: Settings) -> Limits:
    """The limits of requests that the settings say."""
    return Limits(
        settings.max_tokens,
        settings.max_depth,
        settings.max_aliases,
        settings.max_directives,
        settings.max_mutations,
        settings.max_page,
        settings.max_nodes,
        settings.max_seconds,
        settings.cost_limit,
    )
