"""The formats that can be imported, and the one way to import."""

from __future__ import annotations

import gc
from collections.abc import Awaitable, Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from sqlalchemy.exc import IntegrityError

from app.context import Context
from app.errors import ConfigurationError, Forbidden
from app.importers.autolab import import_autolab
from app.importers.failure import ImportFailure
from app.importers.gradebook import import_gradebook
from app.importers.olx import import_olx
from app.importers.olx.library import import_library
from app.importers.oneroster import import_oneroster
from app.importers.oulad import import_oulad
from app.importers.prairielearn import import_prairielearn
from app.importers.progress import Progress, Silence
from app.importers.settling import latest_user, settle
from app.importers.summary import Summary


@dataclass(frozen=True, slots=True)
class Importer:
    """A format: what its files are, in one line, and the function that merges them into the database.

    `options` are the names of what may be told beside the path; the function takes them as keywords.
    """

    description: str
    merge: Callable[..., Awaitable[Summary]]
    options: tuple[str, ...] = ()


IMPORTERS = {
    "autolab": Importer(
        "Autolab: a course's or assessment's .tar or .yml, a roster or gradesheet as .csv",
        import_autolab,
        ("course", "assessment"),
    ),
    "gradebook": Importer(
        "a gradebook as Canvas, Blackboard, Gradescope or a registrar exports it",
        import_gradebook,
        ("course", "form", "create", "dry_run"),
    ),
    "library": Importer("an Open edX content library: Studio's .tar.gz, or its folder", import_library),
    "olx": Importer("an Open edX course: Studio's .tar.gz, or its folder", import_olx),
    "oneroster": Importer("OneRoster 1.1: a .zip of bulk files, or their folder", import_oneroster),
    "oulad": Importer("Open University Learning Analytics Dataset: a folder of .csv.gz or .csv files", import_oulad),
    "prairielearn": Importer("a PrairieLearn course: the folder that holds infoCourse.json", import_prairielearn),
}


async def run(
    ctx: Context,
    format: str,
    path: Path,
    progress: Progress | None = None,
    options: Mapping[str, str | bool] | None = None,
) -> Summary:
    """Import `path` in one transaction: all of it or, after an error, nothing. New people are welcomed as others are.

    Raises Forbidden unless an administrator asks, ConfigurationError for an unknown format and for an option that the
    format does not have, ImportFailure for unusable input and for what clashes with rows that are not the import's own.
    """
    if not ctx.principal.is_admin:
        raise Forbidden("only an institution administrator may import")
    importer = IMPORTERS.get(format)
    if importer is None:
        raise ConfigurationError(f"unknown format {format!r}: use {', '.join(sorted(IMPORTERS))}")
    told = options or {}
    for name in told:
        if name not in importer.options:
            raise ConfigurationError(f"the format {format} has no option {name}")
    try:
        with _collector_paused():
            async with ctx.db.transaction():
                before = await latest_user(ctx)
                summary = await importer.merge(ctx, path, progress or Silence(), **told)
                await settle(ctx, before)
                return summary
    except IntegrityError as error:
        reason = str(error.orig).partition("\n")[0]
        raise ImportFailure(path.name, f"clashes with what the database holds: {reason}") from error


@contextmanager
def _collector_paused() -> Iterator[None]:
    """Rows are millions of small objects without cycles: walking them again and again takes a fifth of the time."""
    if not gc.isenabled():
        yield
        return
    gc.disable()
    try:
        yield
    finally:
        gc.enable()
