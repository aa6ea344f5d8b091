"""Everybody's scores, released or not."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import orjson

from app.rest.autolab.assessments import ASSESSMENT
from app.rest.autolab.endpoint import Asked, Made, Operation
from app.rest.autolab.parameters import flag, required
from app.rest.autolab.problems import number
from app.rest.autolab.refusals import Refused
from app.rest.autolab.submissions import whose_work
from app.rest.autolab.words import FLAG, GRADES, email, grades, is_of, owners, parameter, versions
from app.rest.route import Call, Row, Schema

PATH = ASSESSMENT + "/scores"
BY_VERSION: Schema = {"type": "object", "additionalProperties": GRADES}
BY_EMAIL: Schema = {"type": "object", "additionalProperties": BY_VERSION}


async def the_learner(asked: Asked) -> Mapping[str, Any]:
    """The variables that find the work of the person of the path. Raises Refused 400 for who is not in the course."""
    user = await asked.person(asked.path["email"])
    if user is None or await asked.member(user["id"]) is None:
        raise Refused(400, f"User with email {asked.path['email']} not found in course.")
    work = await whose_work(asked, user["id"])
    group_set = asked.assessment["group_set"]
    return {**work, "mates": await asked.mates(user["id"], group_set and group_set["id"])}


async def new_scores(asked: Asked) -> Mapping[str, Any]:
    """What is sent as the mutation's input: `problems` is an object, or the text of one (§4.8)."""
    sent = problems_of(required(asked.sent, "problems"))
    found = await asked.look("ProblemsOf", assessment_id=asked.assessment["id"])
    keys = {each["name"]: str(each["id"]) for each in found["assessment"]["problems"]}
    for name in sent:
        if name not in keys:
            raise Refused(400, f"Problem '{name}' not found in this assessment")
    learner = await the_learner(asked)
    made = [{"problemId": keys[name], "value": value} for name, value in sent.items()]
    with_group = flag(asked.sent.get("update_group_scores")) or False
    place = {"assessmentId": str(asked.assessment["id"]), "userId": str(learner["user_id"])}
    return {"input": {**place, "scores": made, "withGroup": with_group}, "with_group": with_group, **learner}


async def work_of_all(asked: Asked, found: Mapping[str, Any]) -> Row:
    """What the person and their group have handed in, with the new scores."""
    people = {"user_ids": [found["user_id"], *found["mates"]], "group_ids": found["group_ids"]}
    return await asked.look("WorkOf", assessment_id=asked.assessment["id"], **people)


def problems_of(value: Any) -> dict[str, float | None]:
    """Points by the name of the problem. Raises Refused 400 for anything else."""
    try:
        found = orjson.loads(value) if isinstance(value, str) else value
    except orjson.JSONDecodeError:
        found = None
    if not isinstance(found, dict) or not found:
        raise Refused(400, "Parameter 'problems' is not an object of scores")
    made = {name: None if points is None else number(points) for name, points in found.items()}
    for name, points in made.items():
        if points is None and found[name] is not None:
            raise Refused(400, f"The score of problem '{name}' is not a number")
    return made


def updated(data: Row, call: Call) -> Row:
    """All scores of the latest submissions of those whose scores were asked to change."""
    instances, me = data["assessmentInstances"]["nodes"], data["found"]["user_id"]
    mine = [each for each in instances if is_of(each, me)]
    people = {owner["id"]: email(owner) for each in mine for owner in owners(each) if owner["id"] == me}
    if data["found"]["with_group"]:
        mates = {owner["id"]: email(owner) for each in instances for owner in owners(each)}
        people |= {key: address for key, address in mates.items() if key in data["found"]["mates"]}
    found = {address: versions(instances, key) for key, address in people.items()}
    return {address: grades(submissions[-1][1]) for address, submissions in found.items() if submissions}


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
    Operation(
        "PUT",
        PATH + "/{email}/update_latest",
        "UpdateLatest",
        Made(make=updated, made={"type": "object", "additionalProperties": GRADES}),
        parameters=(
            parameter("problems", {"type": "object"}, "Points by problem, as an object or as its text.", needed=True),
            parameter("update_group_scores", FLAG, "Whether the submissions of the group are scored alike."),
        ),
        scopes=("instructor_all",),
        for_instructors=True,
        plan=new_scores,
        then=work_of_all,
    ),
]
