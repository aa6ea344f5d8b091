"""Everybody's scores, released or not."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from app.rest.autolab.assessments import ASSESSMENT
from app.rest.autolab.endpoint import Asked, Made, Operation
from app.rest.autolab.refusals import Refused
from app.rest.autolab.submissions import whose_work
from app.rest.autolab.words import GRADES, email, grades, owners, versions
from app.rest.route import Call, Row, Schema

PATH = ASSESSMENT + "/scores"
BY_VERSION: Schema = {"type": "object", "additionalProperties": GRADES}
BY_EMAIL: Schema = {"type": "object", "additionalProperties": BY_VERSION}


async def the_learner(asked: Asked) -> Mapping[str, Any]:
    """The variables that find the work of the person of the path. Raises Refused 400 for who is not in the course."""
    user = await asked.person(asked.path["email"])
    if user is None or await asked.member(user["id"]) is None:
        raise Refused(400, f"User with email {asked.path['email']} not found in course.")
    return await whose_work(asked, user["id"])


def scores(data: Row, call: Call) -> Row:
    """Of all who have handed in anything, by e-mail address."""
    instances = data["assessmentInstances"]["nodes"]
    people = {owner["id"]: email(owner) for each in instances for owner in owners(each)}
    by_person: dict[int, list[Row]] = {user_id: [] for user_id in people}
    for each in instances:
        for owner in owners(each):
            by_person[owner["id"]].append(each)
    found = {address: by_version(by_person[user_id], user_id) for user_id, address in people.items()}
    return {address: found[address] for address in sorted(found) if found[address]}


def scores_of_user(data: Row, call: Call) -> Row:
    """Of one person."""
    return by_version(data["assessmentInstances"]["nodes"], data["found"]["user_id"])


def by_version(instances: list[Row], user_id: int) -> Row:
    """A person's scores by version, as text, and problem."""
    return {str(version): grades(each) for version, each in versions(instances, user_id)}


ROUTES = [
    Operation(
        "GET",
        PATH,
        "Scores",
        Made(make=scores, made=BY_EMAIL),
        scopes=("instructor_all",),
        for_instructors=True,
    ),
    Operation(
        "GET",
        PATH + "/{email}",
        "ScoresOfUser",
        Made(make=scores_of_user, made=BY_VERSION),
        scopes=("instructor_all",),
        for_instructors=True,
        plan=the_learner,
    ),
]
