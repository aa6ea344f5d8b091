"""`/oauth/authorize`: a person approves or denies what a client asks for (contracts/autolab.md §2.2)."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

from oauthlib.common import add_params_to_uri
from oauthlib.oauth2 import FatalClientError, OAuth2Error
from starlette.responses import Response

from app.domain.identity.clients import Client, find_client
from app.domain.identity.grants import issue_code
from app.oauth.device import CALLBACK
from app.oauth.pages import each, filled
from app.oauth.validator import Validator, server
from app.oauth.visit import Diverted, Visit, redirect
from app.web.pages import Html
from app.web.session import origin

FIELDS = ("client_id", "redirect_uri", "response_type", "scope", "state", "code_challenge", "code_challenge_method")
CHALLENGE = re.compile(r"[A-Za-z0-9_-]{43}")
DENIED = "The resource owner or authorization server denied the request."
MEANINGS = {
    "read": "read all that you may see",
    "write": "write all that you may write",
    "admin": "do what you may do as an administrator",
    "delete": "delete all that you may delete",
    "offline": "stay signed in for you",
    "profile": "see your names and whether you are an administrator",
    "email": "see your e-mail address",
    "course_modes:read": "see the tracks of courses and their prices",
    "user_info": "see your name, e-mail address, school, major and year",
    "user_courses": "see your courses and their assessments",
    "user_scores": "see your submissions, scores and feedback",
    "user_submit": "hand in work for you",
    "instructor_all": "do what you may do as an instructor",
    "admin_all": "do what you may do as an administrator",
}


@dataclass(frozen=True, slots=True)
class Asked:
    """An authorization request that is right. `code_challenge` is an S256 one (PKCE)."""

    client: Client
    redirect_uri: str
    scopes: list[str]
    state: str | None
    code_challenge: str | None
    fields: dict[str, str]


async def consent(visit: Visit) -> Response:
    """The page that asks; GET."""
    asked = await _asked(visit)
    visit.require_person()
    device = Html("")
    if asked.redirect_uri == origin(visit.request) + CALLBACK:
        device = filled("waiting", user_code=asked.state or "")
    return visit.show(
        "consent",
        f"Let {asked.client.name} act for you?",
        target=asked.redirect_uri,
        client=asked.client.name,
        scopes=each("scope", [{"scope": scope, "text": MEANINGS[scope]} for scope in asked.scopes]),
        fields=each("field", [{"name": name, "value": value} for name, value in asked.fields.items()]),
        device=device,
    )


async def answer(visit: Visit) -> Response:
    """The form's answer: POST approves, DELETE (which a form writes as `_method=delete`) denies."""
    asked = await _asked(visit)
    visit.require_person()
    visit.check_form()
    if visit.request.method == "DELETE" or visit.given.get("_method") == "delete":
        return _return(asked, error="access_denied", error_description=DENIED)
    async with visit.ctx.db.transaction():
        code = await issue_code(
            visit.ctx,
            asked.client,
            redirect_uri=asked.redirect_uri,
            scopes=asked.scopes,
            code_challenge=asked.code_challenge,
        )
    return _return(asked, code=code)


async def _asked(visit: Visit) -> Asked:
    """Raises Diverted: to a page when the client or its redirect URI is wrong, else to the client with the error."""
    fields = {name: visit.given[name] for name in FIELDS if visit.given.get(name)}
    if fields.get("code_challenge_method") != "S256" or not CHALLENGE.fullmatch(fields.get("code_challenge", "")):
        fields = {name: value for name, value in fields.items() if not name.startswith("code_challenge")}
    client = await find_client(visit.ctx, fields.get("client_id"))
    validator = Validator(client, origin(visit.request) + CALLBACK)
    uri = "https://localhost/oauth/authorize" + (f"?{urlencode(fields)}" if fields else "")
    try:
        found: tuple[list[str], dict[str, Any]] = server(validator).validate_authorization_request(uri, "GET", "", {})
    except FatalClientError as error:
        reason = f"{error.error}: {error.description.removesuffix('.')}"
        text = f"The program that sent you here did not ask in the right way ({reason})."
        raise Diverted(visit.tell("This cannot be approved", text, 400)) from None
    except OAuth2Error as error:
        raise Diverted(redirect(error.in_uri(fields["redirect_uri"]))) from None
    assert client is not None
    return Asked(client, fields["redirect_uri"], found[0], fields.get("state"), fields.get("code_challenge"), fields)


def _return(asked: Asked, **answer: str) -> Response:
    state = {} if asked.state is None else {"state": asked.state}
    uri: str = add_params_to_uri(asked.redirect_uri, list((answer | state).items()))
    return redirect(uri)
