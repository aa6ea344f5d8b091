"""Where everything is."""

from __future__ import annotations

from starlette.routing import Route

from app.oauth import account, activation, authorize, blackboard, device, openedx, token
from app.oauth.visit import HOME, visited

ROUTES = [
    Route("/oauth/token", token.token, methods=["POST"]),
    Route("/oauth/revoke", token.revoke, methods=["POST"]),
    Route(blackboard.TOKEN, blackboard.token, methods=["POST"]),
    Route(blackboard.AUTHORIZE, visited(authorize.consent), methods=["GET"]),
    *(Route(f"/oauth2/access_token{end}", openedx.token, methods=["POST"]) for end in ("", "/")),
    *(Route(f"/oauth2/revoke_token{end}", openedx.revoke, methods=["POST"]) for end in ("", "/")),
    *(Route(f"/oauth2/authorize{end}", visited(authorize.consent), methods=["GET"]) for end in ("", "/")),
    Route("/csrf/api/v1/token", visited(openedx.csrf), methods=["GET", "POST"]),
    Route("/login_refresh", visited(openedx.refresh), methods=["POST"]),
    Route("/oauth/device_flow_init", device.init, methods=["GET"]),
    Route("/oauth/device_flow_authorize", device.poll, methods=["GET"]),
    Route("/oauth/authorize", visited(authorize.consent), methods=["GET"]),
    Route("/oauth/authorize", visited(authorize.answer), methods=["POST", "DELETE"]),
    Route(device.ACTIVATE, visited(activation.activate), methods=["GET"]),
    Route("/device_flow_resolve", visited(activation.resolve), methods=["GET"]),
    Route(device.CALLBACK, visited(activation.store), methods=["GET"]),
    Route("/login", visited(account.sign_in_page), methods=["GET"]),
    Route("/login", visited(account.sign_in), methods=["POST"]),
    Route("/logout", visited(account.sign_out), methods=["POST"]),
    Route(HOME, visited(account.tokens_page), methods=["GET"]),
    Route(HOME, visited(account.end_token), methods=["POST"]),
]
