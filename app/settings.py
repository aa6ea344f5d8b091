"""Everything the environment decides, read once and passed in: never a global."""

from __future__ import annotations

import math
import os
import re
from collections.abc import Mapping
from dataclasses import dataclass, fields
from pathlib import Path
from typing import Annotated, Any, get_type_hints

from app.errors import ConfigurationError

PREFIX = "CAMPUSGRAPH_"
TRUE_WORDS = {"1", "true", "yes", "on"}
FALSE_WORDS = {"0", "false", "no", "off"}
ORIGIN = re.compile(r"https?://[a-z0-9.-]+(:[0-9]{1,5})?")


@dataclass(frozen=True, slots=True)
class Settings:
    """One frozen value a process. The variable of a field is CAMPUSGRAPH_ and the field's name in capitals."""

    database_url: Annotated[str, "`sqlite+aiosqlite:///PATH` or `postgresql+asyncpg://…`"] = (
        "sqlite+aiosqlite:///var/campusgraph.sqlite3"
    )
    host: Annotated[str, "address to serve on"] = "127.0.0.1"
    port: Annotated[int, "port to serve on"] = 8000
    workers: Annotated[int, "server processes"] = 1
    pool_size: Annotated[int, "database connections that each worker keeps open"] = 5
    executor: Annotated[bool, "execute queries by plan, whole levels at once (`schema/execution`)"] = True
    graphiql: Annotated[bool, "serve the GraphiQL page to browsers at `/graphql`"] = True
    body_limit: Annotated[int, "bytes that a request body may have"] = 1024 * 1024
    max_tokens: Annotated[int, "lexical tokens that a GraphQL document may have"] = 10_000
    max_depth: Annotated[int, "levels that a GraphQL operation may nest"] = 15
    max_aliases: Annotated[int, "aliased fields that a GraphQL document may have"] = 100
    max_directives: Annotated[int, "directives that a GraphQL document may have"] = 50
    max_mutations: Annotated[int, "root fields that a GraphQL mutation may have"] = 25
    max_page: Annotated[int, "objects that a page of a connection may have"] = 100
    max_nodes: Annotated[int, "objects that all lists of a GraphQL answer together may have"] = 500_000
    max_seconds: Annotated[float, "seconds that a GraphQL request may take"] = 30.0
    cost_limit: Annotated[int, "points that the GraphQL requests of a token may cost in a minute; 0: no limit"] = (
        200_000
    )
    public_introspection: Annotated[bool, "tell the schema to who has not signed in, too"] = False
    registered_only: Annotated[bool, "execute only documents of `campusgraph documents register`"] = False
    max_subscriptions: Annotated[
        int, "operations that the holder of an access token may have open over WebSocket, in each worker"
    ] = 100
    watch_milliseconds: Annotated[int, "milliseconds between two looks at what subscribers follow"] = 1000
    files_url: Annotated[
        str, "`file:///PATH` or `s3://BUCKET/PREFIX`; by default `files` beside the SQLite file, else in `var`"
    ] = ""
    files_s3_endpoint: Annotated[str, "URL of an S3 server that is not Amazon's"] = ""
    upload_limit: Annotated[int, "bytes that an uploaded file may have"] = 100 * 1024 * 1024
    limits_url: Annotated[
        str, "`redis://HOST:PORT/NUMBER` counts for all workers together what is limited; else each counts for itself"
    ] = ""
    device_start_seconds: Annotated[
        int, "seconds between two starts of the device flow from one address (Autolab: 30); 0: no limit"
    ] = 0
    device_poll_seconds: Annotated[
        int, "seconds, at most 5, between two questions of a device for its code (Autolab: 5); 0: no limit"
    ] = 0
    blackboard_quota: Annotated[int, "requests to Blackboard's routes that a client may send in 24 hours"] = 10_000
    jobs: Annotated[bool, "do background jobs within `campusgraph serve`; else run `campusgraph worker`"] = True
    jobs_seconds: Annotated[float, "seconds between two looks for jobs that other processes made or that are due"] = 5.0
    mail_url: Annotated[
        str, "`smtp://`, `smtp+starttls://` or `smtps://USER:PASSWORD@HOST:PORT`; else mails are lines in the log"
    ] = ""
    mail_from: Annotated[str, "address that mails come from"] = "no-reply@localhost"
    log_requests: Annotated[bool, "write a line of JSON for each request to standard error"] = True
    metrics_token: Annotated[str, "a bearer token that may read `/metrics`, as administrators' tokens may"] = ""
    tracing_url: Annotated[
        str, "where spans go by OTLP over HTTP: `http://HOST:4318/v1/traces`; needs the extra `tracing`"
    ] = ""
    trusted_origins: Annotated[
        str, "other sites whose pages may ask with the browser's session: `https://apps.example.edu`, by commas"
    ] = ""
    openedx_api_key: Annotated[
        str,
        "the key of `X-Edx-Api-Key`, with which another server enrols people through Open edX's routes; empty: none",
    ] = ""
    openedx_jwt_secret: Annotated[
        str, "what Open edX's JWTs are signed with (HS256), 32 bytes or more; empty: a secret that the database keeps"
    ] = ""
    openedx_jwt_audience: Annotated[str, "the audience of Open edX's JWTs"] = "openedx"
    openedx_learning_url: Annotated[
        str, "where Open edX's learning front end is: links to blocks lead there; empty: to pages of this server"
    ] = ""
    openedx_cookie_domain: Annotated[
        str, "`example.edu` where Open edX's front ends on `apps.example.edu` read who has signed in; empty: this host"
    ] = ""
    freeze_grades: Annotated[
        bool, "grades are not set by hand any more from 30 days after the end of their course instance on"
    ] = False
    prairielearn_string_ids: Annotated[bool, "PrairieLearn's routes write ids as strings"] = False

    def __post_init__(self) -> None:
        """Raises ConfigurationError for a secret that is too short to sign with, and for what is no site."""
        if 0 < len(self.openedx_jwt_secret.encode()) < 32:
            raise ConfigurationError(f"{PREFIX}OPENEDX_JWT_SECRET has fewer than 32 bytes")
        for each in self.origins:
            if not ORIGIN.fullmatch(each):
                raise ConfigurationError(f"{PREFIX}TRUSTED_ORIGINS: {each!r} is not like https://apps.example.edu")

    @classmethod
    def from_environment(cls, environment: Mapping[str, str] | None = None) -> Settings:
        """Read the CAMPUSGRAPH_… variables. Raises ConfigurationError that names the bad variable."""
        environment = os.environ if environment is None else environment
        values: dict[str, Any] = {}
        for each in fields(cls):
            name = PREFIX + each.name.upper()
            if raw := environment.get(name):
                values[each.name] = _parse(name, raw, type(each.default))
        return cls(**values)

    @classmethod
    def described(cls) -> list[tuple[str, str, str]]:
        """(variable, default, meaning) of every setting, as the README lists them."""
        hints = get_type_hints(cls, include_extras=True)
        return [(PREFIX + f.name.upper(), str(f.default), hints[f.name].__metadata__[0]) for f in fields(cls)]

    @property
    def is_sqlite(self) -> bool:
        return self.database_url.startswith("sqlite")

    @property
    def origins(self) -> frozenset[str]:
        """The sites that are trusted, as browsers write them in `Origin`."""
        return frozenset(each.strip() for each in self.trusted_origins.split(",") if each.strip())

    @property
    def sqlite_path(self) -> Path | None:
        """The file of an SQLite database; None in memory and on other databases."""
        _, _, path = self.database_url.partition(":///")
        return Path(path) if self.is_sqlite and path and path != ":memory:" else None


def _parse(name: str, raw: str, kind: type) -> str | int | float | bool:
    if kind is bool:
        if raw.lower() in TRUE_WORDS | FALSE_WORDS:
            return raw.lower() in TRUE_WORDS
        raise ConfigurationError(f"{name}={raw!r} is neither true nor false")
    if kind is not int and kind is not float:
        return raw
    try:
        number: int | float = kind(raw)
    except ValueError:
        what = "a whole number" if kind is int else "a number"
        raise ConfigurationError(f"{name}={raw!r} is not {what}") from None
    if number < 0:
        raise ConfigurationError(f"{name}={raw!r} is negative")
    if not math.isfinite(number):
        raise ConfigurationError(f"{name}={raw!r} is not finite")
    return number
