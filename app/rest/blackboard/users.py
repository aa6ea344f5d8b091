"""People (contracts/blackboard.md §4.3)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from app.errors import BadRequest
from app.rest.blackboard import filters
from app.rest.blackboard.asking import ADMINISTER, Asked
from app.rest.blackboard.endpoint import Operation, Spelled
from app.rest.blackboard.parameters import LISTED, ONE, SORT, described, parameter
from app.rest.blackboard.refusals import required
from app.rest.blackboard.spelling import TEXT, Key, Thing
from app.rest.blackboard.things import USER
from app.rest.route import Row

PASSWORD = Thing((Key("password", TEXT, write="password"),))
USERS = "/v1/users"
USER_PATH = USERS + "/{userId}"
OF_SOURCE = parameter("dataSourceId", "Of this data source.")
SORTED = {"userName": "USERNAME", "created": "CREATED_AT"}
AVAILABLE: dict[str, Any] = {
    "Yes": {"isActive": {"eq": True}, "isDisabled": {"eq": False}},
    "No": {"isActive": {"eq": False}, "isDisabled": {"eq": False}},
    "Disabled": {"isDisabled": {"eq": True}},
}
FILTERS = {
    "userName": filters.contains("username"),
    "externalId": filters.contains("externalId"),
    "studentId": filters.equal("uin"),
    "name.family": filters.contains("familyName"),
    "availability.available": filters.one_of("isActive", AVAILABLE),
    "contact.email": filters.equal("email"),
    "created": filters.since("createdAt"),
    "modified": filters.since("updatedAt"),
}


async def wanted(asked: Asked) -> Mapping[str, Any]:
    """Which people, in which order."""
    query = dict(asked.query)
    conditions = [*filters.where(query, FILTERS), *await asked.conditions()]
    order = [*filters.order(query.get("sort"), SORTED), {"field": "DATABASE_ID", "direction": "ASC"}]
    return {"where": {"and": conditions}, "order": order, "first": asked.page.first}


async def new_user(asked: Asked) -> Mapping[str, Any]:
    """The input of a new person. Raises BadRequest."""
    return {"input": required(await details(asked), "username", "userName") | PASSWORD.read(asked.sent)}


async def changes(asked: Asked) -> Mapping[str, Any]:
    """The input that writes what is sent. Raises BadRequest for a password, which its owner alone changes."""
    if "password" in asked.sent:
        raise BadRequest("password: it is given to new people only")
    return {"input": {"userId": str(asked.ids["user_id"]), **await details(asked)}}


async def to_delete(asked: Asked) -> Mapping[str, Any]:
    """The user of the path."""
    return {"input": {"userId": str(asked.ids["user_id"])}}


async def details(asked: Asked) -> Row:
    """What is sent of a person, as inputs say it."""
    made = await asked.settle(USER.read(asked.sent))
    profile = {name.partition(".")[2]: made.pop(name) for name in list(made) if name.startswith("profile.")}
    if profile:
        made["profile"] = profile
    if (text := made.pop("availability", None)) is not None:
        made |= {"isActive": text == "Yes", "isDisabled": text == "Disabled"}
    return made


WRITTEN = Spelled(("done", "user"), thing=USER)
ROUTES = [
    Operation(
        "GET",
        USERS,
        "Users",
        Spelled(("users", "nodes"), thing=USER, most=100),
        plan=wanted,
        parameters=(*described(FILTERS), OF_SOURCE, *LISTED, SORT),
    ),
    Operation("GET", USER_PATH, "User", Spelled(("user",), thing=USER), parameters=ONE),
    Operation("POST", USERS, "CreateUser", WRITTEN, needs=ADMINISTER, status=201, plan=new_user, parameters=ONE),
    Operation("PATCH", USER_PATH, "UpdateUser", WRITTEN, needs=ADMINISTER, plan=changes, parameters=ONE),
    Operation("DELETE", USER_PATH, "DeleteUser", needs=ADMINISTER, status=204, empty=204, plan=to_delete),
]
