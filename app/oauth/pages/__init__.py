"""The templates of the sign-in's pages."""

from __future__ import annotations

from pathlib import Path

from app.web.pages import Templates

TEMPLATES = Templates(Path(__file__).parent)
filled, each = TEMPLATES.filled, TEMPLATES.each
