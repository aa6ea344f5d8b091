"""Settings: every variable is read, bad values are named, the README's table follows from them."""

from __future__ import annotations

from dataclasses import FrozenInstanceError, fields
from pathlib import Path
from typing import Any

import pytest

from app.errors import ConfigurationError
from app.settings import FALSE_WORDS, PREFIX, TRUE_WORDS, Settings

DEFAULTS = Settings()
GIVEN: dict[str, tuple[str, Any]] = {
    "database_url": ("postgresql+asyncpg://u:p%40@h/d", "postgresql+asyncpg://u:p%40@h/d"),
    "host": ("::1", "::1"),
    "port": ("0", 0),
    "workers": ("12", 12),
    "pool_size": ("7", 7),
    "executor": ("off", False),
    "graphiql": ("No", False),
    "body_limit": ("1000000000", 1_000_000_000),
    "max_tokens": ("1", 1),
    "max_depth": ("100", 100),
    "max_aliases": ("0", 0),
    "max_directives": ("1", 1),
    "max_mutations": ("2", 2),
    "max_page": ("10", 10),
    "max_nodes": ("4", 4),
    "max_seconds": ("0.5", 0.5),
    "cost_limit": ("0", 0),
    "public_introspection": ("yes", True),
    "registered_only": ("on", True),
    "max_subscriptions": ("3", 3),
    "watch_milliseconds": ("50", 50),
    "files_url": ("s3://b/p", "s3://b/p"),
    "files_s3_endpoint": ("http://h:9", "http://h:9"),
    "upload_limit": ("5", 5),
    "limits_url": ("redis://h:1/2", "redis://h:1/2"),
    "device_start_seconds": ("30", 30),
    "device_poll_seconds": ("5", 5),
    "blackboard_quota": ("3", 3),
    "jobs": ("no", False),
    "jobs_seconds": ("0.5", 0.5),
    "mail_url": ("smtps://u:p@h:465", "smtps://u:p@h:465"),
    "mail_from": ("courses@uni.example", "courses@uni.example"),
    "log_requests": ("0", False),
    "metrics_token": ("m", "m"),
    "tracing_url": ("http://h:4318/v1/traces", "http://h:4318/v1/traces"),
    "trusted_origins": ("https://a.example, http://b.example:1", "https://a.example, http://b.example:1"),
    "openedx_api_key": ("k", "k"),
    "openedx_jwt_secret": ("s" * 32, "s" * 32),
    "openedx_jwt_audience": ("campus", "campus"),
    "openedx_learning_url": ("https://apps.uni.example/learning", "https://apps.uni.example/learning"),
    "openedx_cookie_domain": ("uni.example", "uni.example"),
    "freeze_grades": ("true", True),
    "prairielearn_string_ids": ("TRUE", True),
}
NUMBERS = [each.name for each in fields(Settings) if type(each.default) is int]
SWITCHES = [each.name for each in fields(Settings) if type(each.default) is bool]


def variable(name: str) -> str:
    """The environment variable of a setting."""
    return f"CAMPUSGRAPH_{name.upper()}"


def test_without_variables_everything_is_as_it_is_by_default() -> None:
    assert Settings.from_environment({}) == DEFAULTS
    assert Settings.from_environment({"PATH": "/bin", "PORT": "1", "campusgraph_port": "1"}) == DEFAULTS
    assert Settings.from_environment({variable(name): "" for name in GIVEN}) == DEFAULTS


def test_every_setting_is_tried() -> None:
    assert list(GIVEN) == [each.name for each in fields(Settings)]
    assert all(value != getattr(DEFAULTS, name) for name, (_, value) in GIVEN.items())


@pytest.mark.parametrize("name", GIVEN)
def test_every_variable_is_read(name: str) -> None:
    text, value = GIVEN[name]
    found = Settings.from_environment({variable(name): text})
    assert {each: getattr(found, each) for each in GIVEN} == {
        each: value if each == name else getattr(DEFAULTS, each) for each in GIVEN
    }
    assert type(getattr(found, name)) is type(value)


def test_all_variables_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """From the process's environment, when none is given."""
    for name, (text, _) in GIVEN.items():
        monkeypatch.setenv(variable(name), text)
    found = Settings.from_environment()
    assert {name: getattr(found, name) for name in GIVEN} == {name: value for name, (_, value) in GIVEN.items()}


@pytest.mark.parametrize("name", SWITCHES)
def test_words_of_switches(name: str) -> None:
    for words, value in ((TRUE_WORDS, True), (FALSE_WORDS, False)):
        for word in words:
            for text in (word, word.upper()):
                assert getattr(Settings.from_environment({variable(name): text}), name) is value
    for text in ("2", "t", "y", "wahr", "none", " true", "yes!"):
        with pytest.raises(ConfigurationError) as caught:
            Settings.from_environment({variable(name): text})
        assert str(caught.value) == f"{variable(name)}={text!r} is neither true nor false"


@pytest.mark.parametrize("name", NUMBERS)
def test_numbers(name: str) -> None:
    for text in ("x", "1.0", "1e3", "0x10", "1 000", "--1", "∞", "1\0"):
        with pytest.raises(ConfigurationError) as caught:
            Settings.from_environment({variable(name): text})
        assert str(caught.value) == f"{variable(name)}={text!r} is not a whole number"
    with pytest.raises(ConfigurationError) as caught:
        Settings.from_environment({variable(name): "-1"})
    assert str(caught.value) == f"{variable(name)}='-1' is negative"


def test_a_secret_to_sign_with_has_32_bytes() -> None:
    with pytest.raises(ConfigurationError, match=r"^CAMPUSGRAPH_OPENEDX_JWT_SECRET has fewer than 32 bytes$"):
        Settings.from_environment({"CAMPUSGRAPH_OPENEDX_JWT_SECRET": "s" * 31})


def test_seconds() -> None:
    assert Settings.from_environment({"CAMPUSGRAPH_MAX_SECONDS": "2"}).max_seconds == 2.0
    refusals = {"x": "is not a number", "-0.5": "is negative", "inf": "is not finite", "nan": "is not finite"}
    for text, reason in refusals.items():
        with pytest.raises(ConfigurationError, match=f"^CAMPUSGRAPH_MAX_SECONDS='{text}' {reason}$"):
            Settings.from_environment({"CAMPUSGRAPH_MAX_SECONDS": text})


def test_the_first_bad_variable_is_named() -> None:
    with pytest.raises(ConfigurationError, match=r"^CAMPUSGRAPH_PORT='x' is not a whole number$"):
        Settings.from_environment({"CAMPUSGRAPH_PORT": "x", "CAMPUSGRAPH_EXECUTOR": "x", "CAMPUSGRAPH_HOST": "h"})


def test_settings_do_not_change() -> None:
    with pytest.raises(FrozenInstanceError):
        DEFAULTS.port = 1  # type: ignore[misc]
    assert hash(DEFAULTS) == hash(Settings())


def test_every_setting_is_described() -> None:
    described = Settings.described()
    assert [name for name, _, _ in described] == [variable(name) for name in GIVEN]
    assert {name: default for name, default, _ in described} == {
        PREFIX + name.upper(): str(getattr(DEFAULTS, name)) for name in GIVEN
    }
    assert all(meaning and not meaning.endswith(".") for _, _, meaning in described)


FILES = [
    ("sqlite+aiosqlite:///var/x.sqlite3", Path("var/x.sqlite3")),
    ("sqlite+aiosqlite:////tmp/x.sqlite3", Path("/tmp/x.sqlite3")),
    ("sqlite+aiosqlite://", None),
    ("sqlite+aiosqlite:///", None),
    ("sqlite+aiosqlite:///:memory:", None),
    ("postgresql+asyncpg://localhost/campus", None),
    ("postgresql+asyncpg:///campus", None),
]


@pytest.mark.parametrize(("url", "path"), FILES)
def test_the_file_of_a_database(url: str, path: Path | None) -> None:
    settings = Settings(database_url=url)
    assert (settings.sqlite_path, settings.is_sqlite) == (path, url.startswith("sqlite"))


@pytest.mark.parametrize("raw", ["*", "apps.example.edu", "https://apps.example.edu/", "https://A.example", "null"])
def test_a_trusted_origin_is_written_as_browsers_write_it(raw: str) -> None:
    with pytest.raises(ConfigurationError, match=r"^CAMPUSGRAPH_TRUSTED_ORIGINS: .* is not like https://apps\."):
        Settings.from_environment({"CAMPUSGRAPH_TRUSTED_ORIGINS": f"https://b.example,{raw}"})
