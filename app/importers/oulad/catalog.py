"""The university, its modules as courses, their presentations as course instances."""

from __future__ import annotations

from uuid import NAMESPACE_URL, UUID, uuid5

from app.context import Context
from app.domain.catalog.models import Course, CourseInstance, Organization, Term
from app.importers.merge import merge
from app.importers.oulad.calendar import TIME_ZONE, Presentation
from app.importers.oulad.files import OFFERING, Files
from app.importers.summary import Summary

NAMESPACE = uuid5(NAMESPACE_URL, "https://analyse.kmi.open.ac.uk/open_dataset")
Presentations = dict[tuple[str, str], tuple[int, Presentation]]


def made_uuid(kind: str, key: object) -> str:
    """32 hexadecimal digits that are the same in every import: the dataset has no uuids."""
    made: UUID = uuid5(NAMESPACE, f"{kind}:{key}")
    return made.hex


async def merge_catalog(ctx: Context, files: Files, summary: Summary) -> Presentations:
    """Merge courses.csv. Gives, for each (module, presentation), the course instance's id and its calendar."""
    university = await merge(ctx, Organization, [("OU", "The Open University")], key=("key",), compared=("name",))
    summary.add("organizations", **university.counts)
    organization_id = university.ids["OU",]
    modules = dict.fromkeys(module for (module,) in files.courses.rows("code_module"))
    courses = await merge(
        ctx,
        Course,
        [(f"OU-{module}", organization_id, module, f"Module {module}", TIME_ZONE) for module in modules],
        key=("key",),
        compared=("organization_id", "short_name", "title", "time_zone"),
    )
    summary.add("courses", **courses.counts)
    offered = [Presentation(*row) for row in files.courses.rows(*OFFERING, "module_presentation_length")]
    names = list(dict.fromkeys((each.name, each.name) for each in offered))
    terms = await merge(ctx, Term, names, key=("external_id",), initial=("name",))
    summary.add("terms", **terms.counts)
    instances = await merge(
        ctx,
        CourseInstance,
        [_course_instance(each, courses.ids[f"OU-{each.module}",], terms.ids[each.name,]) for each in offered],
        key=("external_id",),
        compared=("name", "course_id", "short_name", "term_id", "long_name", "time_zone", "start_at", "end_at"),
        initial=("uuid",),
        within=CourseInstance.external_id.startswith("oulad:"),
    )
    summary.add("course instances", **instances.counts)
    return {(each.module, each.name): (instances.ids[_external_id(each),], each) for each in offered}


def _course_instance(each: Presentation, course_id: int, term_id: int) -> tuple[object, ...]:
    name, short_name = f"{each.module}-{each.name}", each.name
    dates = (each.start_at, each.end_at)
    long_name = f"{each.module} {each.name}"
    named = (_external_id(each), name, course_id, short_name, term_id, long_name)
    return (*named, TIME_ZONE, *dates, made_uuid("instance", name))


def _external_id(each: Presentation) -> str:
    return f"oulad:{each.module}-{each.name}"
