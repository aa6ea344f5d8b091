"""What lists of libraries can be asked for."""

from __future__ import annotations

from app.domain.libraries.models import Library
from schema.core.filters import Columns

LIBRARIES = Columns(
    "Library",
    Library.id,
    Library.organization_id,
    Library.slug,
    Library.key,
    Library.title,
    Library.allows_public_learning,
    Library.allows_public_read,
    Library.created_at,
    Library.updated_at,
    orders=(Library.id, Library.key, Library.title),
)
