"""What a course says of itself in the catalogue: in its policy, and in the texts of its page."""

from __future__ import annotations

import re
from typing import Any

from app.domain.catalog.models import CatalogVisibility
from app.importers.olx.course import ReadCourse
from app.importers.olx.files import Files
from app.importers.olx.settings import Settings

PAGE = (
    *("catalog_visibility", "short_description", "overview", "effort", "advertised_start", "display_organization"),
    *("display_number", "image_url", "banner_url", "video_url", "license", "max_learners", "days_early_for_testers"),
    *("certificate_available_at", "is_mobile_available", "has_public_outline", "hides_progress"),
)
"""Columns of a course instance, in the order of `read_page`."""
WHERE = {each.value.lower(): each.value for each in CatalogVisibility}
FRAME = re.compile(r"""\bsrc\s*=\s*["']([^"']+)["']""")


def read_page(files: Files, course: ReadCourse) -> tuple[Any, ...]:
    """The values of PAGE. Raises ImportFailure."""
    said = Settings(course.blocks[0])
    where = said.text("catalog_visibility", 32) or "both"
    if where not in WHERE:
        course.blocks[0].element.fail(f"catalog_visibility is {where!a}, none of {', '.join(WHERE)}")
    most = said.number("max_student_enrollments_allowed")
    return (
        WHERE[where],
        _about(files, "short_description"),
        _about(files, "overview"),
        _short(files, "effort"),
        said.text("advertised_start", 255),
        said.text("display_organization", 255),
        said.text("display_coursenumber", 255),
        _asset(course, said.text("course_image", 255)),
        _asset(course, said.text("banner_image", 255)),
        _film(_about(files, "video")),
        said.text("license", 255),
        None if most is None else int(most),
        said.number("days_early_for_beta"),
        said.instant("certificate_available_date"),
        said.flag("mobile_available"),
        said.text("course_visibility", 32) == "public_outline",
        said.flag("hide_progress_tab"),
    )


def _about(files: Files, name: str) -> str | None:
    return (files.text(f"about/{name}.html") or "").strip() or None


def _short(files: Files, name: str) -> str | None:
    text = _about(files, name)
    return None if text is None else text[:255]


def _asset(course: ReadCourse, name: str | None) -> str | None:
    """Where a file of the course is: Open edX makes blanks of its name underscores."""
    if name is None:
        return None
    return f"/asset-v1:{course.key.partition(':')[2]}+type@asset+block@{name.replace(' ', '_')}"


def _film(text: str | None) -> str | None:
    """The address of what an embedded player shows."""
    found = None if text is None else FRAME.search(text)
    return None if found is None else found[1][:2000]
