"""The people of the demo university, as the registrar's office enters them."""

from __future__ import annotations

import unicodedata
from typing import Any

from sqlalchemy import insert, select

from app.db.bulk import insert_many
from app.demo import names
from app.demo.calendar import AUTUMN_2026, FOUNDED, SPRING_2026, SUNDAY, TUESDAY
from app.demo.chance import lot, pick, uuid_of
from app.demo.stage import Scene, Stage
from app.domain.identity.models import AccessToken, User
from app.domain.identity.service import create_user
from app.principal import READ, WRITE

PLAIN = str.maketrans({"ø": "o", "Ø": "O", "ł": "l", "đ": "d", "ı": "i", "æ": "ae", "ß": "ss"})
SPRING_LEARNERS = 34


def spelled(name: str) -> tuple[str, str]:
    """(given name, family name) of an entry of names.LEARNERS."""
    given, family = name.strip().rsplit(" ", 1)
    return given.replace("_", " "), family.replace("_", " ")


def username_of(name: str) -> str:
    """The first letter of the given name and the family name, in plain small letters."""
    given, family = spelled(name)
    plain = unicodedata.normalize("NFKD", (given[0] + family).translate(PLAIN)).lower()
    return "".join(letter for letter in plain if letter.isascii() and letter.isalpha())


def learners(first: int, last: int) -> tuple[str, ...]:
    """Usernames of learners from position `first` to before `last`."""
    return tuple(username_of(name) for name in names.LEARNERS[first:last])


async def hire(stage: Stage) -> None:
    """Everybody who works at the university."""
    for each in names.COLLEAGUES:
        given, family = each.name.split()
        stage.cast.people[each.username] = await create_user(
            stage.program,
            username=each.username,
            email=f"{each.username}@{names.DOMAIN}",
            name=each.name,
            given_name=given,
            family_name=family,
            uin=_uin(each.username),
            external_id=f"hr:{_uin(each.username)}",
            school=each.school,
            is_staff=each.is_staff,
        )


async def admit_spring(stage: Stage) -> None:
    """The learners who come in spring."""
    await _admit(stage, names.LEARNERS[:SPRING_LEARNERS])


async def admit_autumn(stage: Stage) -> None:
    """The learners who come in autumn."""
    await _admit(stage, names.LEARNERS[SPRING_LEARNERS:])


async def leave_tokens(stage: Stage) -> None:
    """What is left of old access tokens: an expired one and one that was taken back. Nobody has their text."""
    owner = stage.cast.people[names.ADMINISTRATOR]
    made, used = FOUNDED, SPRING_2026.at(10)
    rows = [
        (owner, "cgp_0Sp26e", _digest("export"), "gradebook export", [READ], made, SPRING_2026.end, used, None),
        (owner, "cgp_1Sp26s", _digest("script"), "enrolment script", [READ, WRITE], made, None, used, SPRING_2026.end),
    ]
    columns = (
        "user_id",
        "prefix",
        "digest",
        "name",
        "scopes",
        "created_at",
        "expires_at",
        "last_used_at",
        "revoked_at",
    )
    await insert_many(stage.db, AccessToken.__table__, columns, rows)  # type: ignore[arg-type]


async def _admit(stage: Stage, entries: tuple[str, ...]) -> None:
    """Enter learners all at once, as `create_user` would one by one."""
    usernames = [username_of(entry) for entry in entries]
    stamps = {"created_at": stage.now, "updated_at": stage.now}
    rows = [_details(entry, username) | stamps for entry, username in zip(entries, usernames, strict=True)]
    await stage.db.execute(insert(User), rows)
    made = select(User.username, User.id).where(User.username.in_(usernames)).order_by(User.id)
    stage.cast.people.update(map(tuple, await stage.db.fetch(made)))


def _details(entry: str, username: str) -> dict[str, Any]:
    """What the registrar knows of a learner: of some less than of others."""
    given, family = spelled(entry)
    school = pick(tuple(names.SCHOOLS), "school", username)
    email = None if username in names.MAILLESS else f"{username}@{names.DOMAIN}"
    is_named, is_registered = username not in names.NAMELESS, lot("registered", username) < 0.9
    return {
        "uuid": uuid_of("users", username),
        "username": username,
        "uid": email or username,
        "email": email,
        "name": f"{given} {family}" if is_named else None,
        "given_name": given if is_named else None,
        "family_name": family if is_named else None,
        "uin": _uin(username),
        "external_id": f"sis:{_uin(username)}" if is_registered else None,
        "school": school if is_registered else None,
        "major": pick(names.SCHOOLS[school], "major", username) if is_registered else None,
        "year": pick(names.YEARS, "year", username) if is_registered else None,
        "is_active": username not in names.CLOSED,
    }


def _uin(username: str) -> str:
    return str(600_000_000 + int(lot("uin", username) * 99_999_999))


def _digest(name: str) -> str:
    """A digest that no text with a token's form has, for all that anybody knows."""
    return uuid_of("token", name) * 2


SCENES = (
    Scene(FOUNDED, hire),
    Scene(SPRING_2026.at(-1, TUESDAY), admit_spring),
    Scene(AUTUMN_2026.at(-2, TUESDAY), admit_autumn),
    Scene(AUTUMN_2026.at(0, SUNDAY, "08:00"), leave_tokens),
)
