"""Certificates of who has passed course runs (contracts/edx-core.md §14)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from app.domain.catalog.keys import parse_run
from app.rest.openedx.asking import Asked
from app.rest.openedx.endpoint import Made, Operation
from app.rest.openedx.entry import certificate_address
from app.rest.openedx.grades import many
from app.rest.openedx.kinds import FLAG, MOMENT, TEXT
from app.rest.openedx.refusals import CODE, Refused
from app.rest.route import Call, Row, Schema, closed, nullable

NOBODY = 0
STATUS = {"DOWNLOADABLE": "downloadable", "NOT_PASSING": "notpassing"}
NONE = "no_certificate_for_user"
NOT_CONFIGURED = "no_certificate_configuration_for_course"


async def owner(asked: Asked) -> Mapping[str, Any]:
    """Whose certificates. Raises Refused for people who don't show theirs to everybody."""
    person = await asked.person(asked.path["username"])
    if not asked.is_administrator and (person is None or person["id"] != asked.ctx.user_id):
        profile = None if person is None else await asked.look("ShowsCertificates", person_id=person["id"])
        if profile is None or not (profile["user"]["profile"] or {}).get("showsCertificates"):
            raise Refused(403, code="not_allowed")
    if person is not None:
        asked.become(person["id"])
    return {"person_id": NOBODY if person is None else person["id"]}


def listed(data: Row, call: Call) -> list[Row]:
    """Those that may be shown."""
    if data["user"] is None:
        return []
    rows = data["user"]["certificates"]["nodes"]
    return [_listed(each) for each in rows if each["is_shown"]]


def _listed(row: Row) -> Row:
    run = parse_run(row["course_id"] or "")
    told = {"course_organization": None if run is None else run.organization, "download_url": certificate_address(row)}
    made = {**row, **told, "status": STATUS[row["status"]]}
    del made["is_shown"]
    return made


async def own(asked: Asked) -> Mapping[str, Any]:
    """Whose certificate of which run. Raises Refused for other people's, and for what is not there."""
    person = await asked.person(asked.path["username"])
    if not asked.is_administrator and (person is None or person["id"] != asked.ctx.user_id):
        raise Refused(403, code="not_allowed")
    if parse_run(asked.path["course_id"]) is None:
        raise Refused(404, code="course_id_not_valid")
    run = await asked.find_run(asked.path["course_id"])
    if person is None or run is None:
        raise Refused(404, code=NONE)
    if not run["has_certificates"]:
        raise Refused(404, code=NOT_CONFIGURED)
    return {"course_instance_id": run["id"], "person_id": person["id"]}


def single(data: Row, call: Call) -> Row:
    """The certificate, also one of a run that is not passed any more."""
    for each in data["enrollments"]["nodes"]:
        row = each["certificate"]
        if row is not None:
            told: Row = {**row, "status": STATUS[row["status"]], "download_url": certificate_address(row)}
            del told["uuid"], told["is_shown"]
            return told
    raise Refused(404, code=NONE)


KIND: Schema = {"type": "string", "enum": list(STATUS.values())}
CERTIFICATE: Schema = {"username": TEXT, "course_id": nullable(TEXT), "certificate_type": TEXT, "created_date": MOMENT}
CERTIFICATE |= {"status": KIND, "is_passing": FLAG, "download_url": nullable(TEXT), "grade": TEXT}
LISTED = CERTIFICATE | {"course_display_name": TEXT, "course_organization": nullable(TEXT), "modified_date": MOMENT}

ROUTES = [
    Operation(
        "GET",
        "/certificates/v0/certificates/{username}/",
        "Certificates",
        Made(make=listed, made=many(closed(LISTED | {"uuid": TEXT}))),
        style=CODE,
        plan=owner,
    ),
    Operation(
        "GET",
        "/certificates/v0/certificates/{username}/courses/{course_id}/",
        "CertificateOfRun",
        Made(make=single, made=closed(CERTIFICATE)),
        style=CODE,
        plan=own,
    ),
]
