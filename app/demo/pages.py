"""What the catalogue says of course instances, where it says more than their names."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from app.demo.calendar import SPRING_2027
from app.domain.catalog.models import CatalogVisibility

ASSET = "/asset-v1:NorthbridgeX+DATA1x+2026_T3+type@asset+block@"
PAGES: Mapping[str, dict[str, Any]] = {
    "cs101-s26": {"catalog_visibility": CatalogVisibility.ABOUT, "hides_progress": True},
    "cs101-sandbox": {"catalog_visibility": CatalogVisibility.NONE},
    "data1x-2026t3": {
        "short_description": "Ask questions of data, and know what the answers are worth.",
        "overview": "<section><h2>About this course</h2><p>From a table to a claim that holds.</p></section>",
        "effort": "4 hours a week",
        "advertised_start": "Autumn 2026",
        "display_organization": "Northbridge",
        "display_number": "DATA 1x",
        "image_url": f"{ASSET}scatter.png",
        "banner_url": f"{ASSET}banner.png",
        "video_url": f"{ASSET}trailer.mp4",
        "license": "CC BY",
        "max_learners": 500,
        "days_early_for_testers": 7.0,
        "certificate_available_at": SPRING_2027.start,
        "is_mobile_available": True,
        "offers_bulk_grading": True,
        "has_public_outline": True,
    },
}
