"""What oauthlib asks about clients, codes and tokens, answered from what was read of the database before."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from oauthlib.common import Request
from oauthlib.oauth2 import (
    BackendApplicationServer,
    LegacyApplicationServer,
    RequestValidator,
    WebApplicationServer,
)

from app.domain.identity.clients import Client
from app.domain.identity.grants import ACCESS_LIFETIME, Code, Pair
from app.domain.identity.tokens import OAUTH, REFRESH, new_text

DEFAULT_SCOPE = "user_info"


class Validator(RequestValidator):
    """One request's client, and its code or its pair of tokens, both good now and the client's; or None.

    `callback` is the redirect URI of the device flow, which every client may use; `user_id` is who has shown the right
    password.
    """

    def __init__(
        self,
        client: Client | None,
        callback: str,
        code: Code | None = None,
        pair: Pair | None = None,
        user_id: int | None = None,
    ) -> None:
        super().__init__()
        self.client, self.callback, self.code, self.pair, self.user_id = client, callback, code, pair, user_id

    def validate_client_id(self, client_id: str, request: Request, *args: Any, **kwargs: Any) -> bool:
        request.client = self.client
        return self.client is not None

    def authenticate_client(self, request: Request, *args: Any, **kwargs: Any) -> bool:
        """The endpoint has compared the secret already."""
        request.client = self.client
        return self.client is not None

    def authenticate_client_id(self, client_id: str, request: Request, *args: Any, **kwargs: Any) -> bool:
        return self.authenticate_client(request)

    def client_authentication_required(self, request: Request, *args: Any, **kwargs: Any) -> bool:
        return self.client is None or not self.client.is_public

    def validate_redirect_uri(
        self, client_id: str, redirect_uri: str, request: Request, *args: Any, **kwargs: Any
    ) -> bool:
        return self.client is not None and redirect_uri in (*self.client.redirect_uris, self.callback)

    def get_default_redirect_uri(self, client_id: str, request: Request, *args: Any, **kwargs: Any) -> str:
        """There is none: the redirect URI must be given."""
        return ""

    def validate_response_type(
        self, client_id: str, response_type: str, client: Any, request: Request, *args: Any, **kwargs: Any
    ) -> bool:
        return response_type == "code"

    def is_pkce_required(self, client_id: str, request: Request) -> bool:
        return self.client is not None and self.client.is_public and request.redirect_uri != self.callback

    def get_code_challenge(self, code: str, request: Request) -> Any:
        return self.code.code_challenge if self.code else None

    def get_code_challenge_method(self, code: str, request: Request) -> str:
        return "S256"

    def get_default_scopes(self, client_id: str, request: Request, *args: Any, **kwargs: Any) -> list[str]:
        scopes = list(self.client.scopes) if self.client else []
        return [DEFAULT_SCOPE] if DEFAULT_SCOPE in scopes else scopes

    def validate_scopes(
        self, client_id: str, scopes: list[str], client: Any, request: Request, *args: Any, **kwargs: Any
    ) -> bool:
        return self.client is not None and set(scopes) <= set(self.client.scopes)

    def validate_grant_type(
        self, client_id: str, grant_type: str, client: Any, request: Request, *args: Any, **kwargs: Any
    ) -> bool:
        """A client may ask for a token of its own if somebody is named for it to act for; by a password if trusted."""
        if self.client is None:
            return False
        may = {"client_credentials": self.client.user_id is not None, "password": self.client.is_trusted}
        return may.get(grant_type, True)

    def validate_user(
        self, username: str, password: str, client: Any, request: Request, *args: Any, **kwargs: Any
    ) -> bool:
        """The endpoint has compared the password already."""
        request.user = self.user_id
        return self.user_id is not None

    def validate_code(
        self, client_id: str, code: str, client: Any, request: Request, *args: Any, **kwargs: Any
    ) -> bool:
        if self.code is None or request.redirect_uri != self.code.redirect_uri:
            return False
        request.scopes = list(self.code.scopes)
        return True

    def confirm_redirect_uri(
        self, client_id: str, code: str, redirect_uri: str, client: Any, request: Request, *args: Any, **kwargs: Any
    ) -> bool:
        return self.code is not None and redirect_uri == self.code.redirect_uri

    def validate_refresh_token(
        self, refresh_token: str, client: Any, request: Request, *args: Any, **kwargs: Any
    ) -> bool:
        return self.pair is not None

    def get_original_scopes(self, refresh_token: str, request: Request, *args: Any, **kwargs: Any) -> list[str]:
        return list(self.pair.scopes) if self.pair else []

    def save_bearer_token(self, token: Any, request: Request, *args: Any, **kwargs: Any) -> None:
        """The endpoint keeps the token, in its transaction."""

    def invalidate_authorization_code(
        self, client_id: str, code: str, request: Request, *args: Any, **kwargs: Any
    ) -> None:
        """The endpoint does."""


KINDS = {"client_credentials": BackendApplicationServer, "password": LegacyApplicationServer}


def server(validator: Validator, grant_type: str = "authorization_code", lifetime: timedelta = ACCESS_LIFETIME) -> Any:
    """oauthlib's server for a kind of grant."""
    kind: Any = KINDS.get(grant_type, WebApplicationServer)
    seconds = int(lifetime.total_seconds())
    more = {} if grant_type == "client_credentials" else {"refresh_token_generator": lambda _: new_text(REFRESH)}
    return kind(validator, token_generator=lambda _: new_text(OAUTH), token_expires_in=seconds, **more)
