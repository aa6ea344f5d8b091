"""Putting somebody into a course run, and what can be wrong with it, in its order (contracts/edx-core.md §6.3)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from app.domain.catalog.keys import parse_run
from app.rest.openedx import enrolling
from app.rest.openedx.asking import FALSE, MOST_CHARACTERS, Asked
from app.rest.openedx.refusals import Refused
from app.rest.route import Call, Row

OPEN_MODES = (None, "audit", "honor")
ENTERPRISE = ("linked_enterprise_customer", "enterprise_uuid")
PARTS = ("namespace", "name", "value")
FORBIDDEN = "User does not have permission to create enrollment with mode [{}]."
FAILED = "An error occurred while creating the new course enrollment for user '{}' in course '{}'"


async def enroll(asked: Asked) -> Mapping[str, Any]:
    """Who is to be put where, how. Raises Refused."""
    key = _key(asked)
    name = await _name(asked)
    mode = asked.field("mode") or None
    if not isinstance(mode, str | None) or (mode not in OPEN_MODES and not asked.is_administrator):
        raise Refused(403, FORBIDDEN.format(mode))
    person = await asked.person(name)
    if person is None:
        raise Refused(406, f"The user {name} does not exist.")
    run = await asked.find_run(key)
    if run is None:
        raise Refused(400, f"No course '{key}' found for enrollment")
    await _require_country(asked, key, person["id"])
    is_active = _flag(asked, "is_active", "enrollment activation")
    is_forced = _flag(asked, "force_enrollment", "force enrollment")
    attributes = _attributes(asked)
    asked.found |= {"name": name, "key": key, "run": str(run["id"]), "user_id": str(person["id"])}
    made: Row = {"courseInstanceId": str(run["id"]), "userId": str(person["id"]), "track": mode}
    made |= {"isActive": is_active is not False, "isForced": bool(is_forced) and asked.is_administrator}
    return {"input": made if attributes is None else made | {"attributes": attributes}}


def placed(data: Row, call: Call) -> Row:
    """The enrolment as it is now."""
    return enrolling.enrollment(data["done"]["enrollment"])


async def require_placed(asked: Asked, data: Row) -> Row:
    """Raise Refused, in Open edX's words, when a rule forbade it."""
    for error in data["done"]["errors"]:
        match error["field"], error["code"]:
            case ["track"], "NOT_FOUND":
                course = (await asked.look("CourseToEnrollIn", key=asked.found["key"]))["course"]
                raise Refused(400, error["message"], more={"course_details": enrolling.course(course)})
            case [("isActive" | "attributes"), *_], _:
                raise Refused(400, error["message"])
            case _:
                raise Refused(400, FAILED.format(asked.found["name"], asked.found["key"]))
    await _opt_in(asked)
    await _into_cohort(asked)
    return {}


async def _opt_in(asked: Asked) -> None:
    """Note whether the person takes mails of the run's organization, where that is said."""
    wish = asked.field("email_opt_in")
    if wish is None:
        return
    found = await asked.look("OrganizationOf", key=asked.found["key"])
    said = {"receivesMail": wish not in FALSE and bool(wish), "userId": asked.found["user_id"]}
    said["organizationId"] = str(found["run"]["course"]["organization"]["id"])
    await asked.look("TakeMail", input=said)


async def _into_cohort(asked: Asked) -> None:
    """Put who is enrolled into the cohort that is named. Raises Refused for an unknown one: the enrolment stays."""
    name = asked.field("cohort")
    if not name:
        return
    unknown = Refused(400, f"The cohort {name} does not exist.")
    if not isinstance(name, str) or not name.isprintable():
        raise unknown
    place = {"courseInstanceId": asked.found["run"], "cohort": name, "person": asked.found["name"]}
    if (await asked.look("IntoCohort", input={"places": [place]}))["done"]["errors"]:
        raise unknown


def _key(asked: Asked) -> str:
    details = asked.field("course_details")
    key = details.get("course_id") if isinstance(details, Mapping) else None
    if not key:
        raise Refused(400, "Course ID must be specified to create a new enrollment.")
    if not isinstance(key, str) or len(key) > MOST_CHARACTERS or parse_run(key) is None:
        raise Refused(400, f"No course '{key}' found for enrollment")
    return key


async def _name(asked: Asked) -> str:
    """The username of who is meant: the caller's where nobody is named. Raises Refused."""
    own = None if asked.ctx.principal.user_id is None else str((await asked.caller())["username"])
    name, email = asked.field("user"), asked.field("email")
    if not asked.is_administrator and ((name and name != own) or email):
        raise Refused(404, body=None)
    if email:
        found = await asked.person_by_email(email if isinstance(email, str) else None)
        if found is None:
            raise Refused(406, f"The user with the email address {email} does not exist.")
        return str(found["username"])
    if not (name or own) or not isinstance(name, str | None):
        raise Refused(406, f"The user {name} does not exist.")
    return name or own or ""


async def _require_country(asked: Asked, key: str, user_id: int) -> None:
    client = asked.request.client
    address = None if client is None else client.host
    found = await asked.look("Closed", key=key, user_id=user_id, address=address)
    if found["run"]["is_closed"]:
        url = f"{asked.base}/embargo/blocked-message/enrollment/default/"
        told = f"Users from this location cannot access the course '{key}'."
        raise Refused(403, told, more={"user_message_url": url})


def _flag(asked: Asked, name: str, what: str) -> bool | None:
    value = asked.field(name)
    if value is not None and not isinstance(value, bool):
        raise Refused(400, f"'{value}' is an invalid {what} status.")
    return value


def _attributes(asked: Asked) -> Row | None:
    """The attributes by `namespace:name`, with those of an enterprise; None where none are given. Raises Refused.

    Only global staff and other servers say for which enterprise somebody learns; it is kept, and changes nothing.
    """
    names = [name for name in ENTERPRISE if asked.is_administrator and asked.field(name) is not None]
    made: Row = {f"enterprise:{name}": asked.field(name) for name in names}
    said = asked.field("enrollment_attributes")
    if said is None and not made:
        return None
    said = [] if said is None else said
    told = "Attributes are a list of objects with namespace, name and value."
    wrong = Refused(400, told, more={"localizedMessage": told})
    if not isinstance(said, list) or not all(isinstance(each, str) for each in made.values()):
        raise wrong
    for each in said:
        if not isinstance(each, Mapping) or any(not isinstance(each.get(part), str) for part in PARTS):
            raise wrong
        made[f"{each['namespace']}:{each['name']}"] = each["value"]
    return made
