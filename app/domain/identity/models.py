"""Tables of people, where their records come from, and their tokens."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import Index, String, false
from sqlalchemy.orm import Mapped, mapped_column

from app.db.base import Base, Identified, Timestamped, enum_column, one_of, reference
from app.db.types import utc_now


class Gender(StrEnum):
    """As the registrar knows it."""

    FEMALE = "FEMALE"
    MALE = "MALE"
    OTHER = "OTHER"
    UNKNOWN = "UNKNOWN"


class EducationLevel(StrEnum):
    """How far a person's education has come."""

    K8 = "K8"
    HIGH_SCHOOL = "HIGH_SCHOOL"
    FRESHMAN = "FRESHMAN"
    SOPHOMORE = "SOPHOMORE"
    JUNIOR = "JUNIOR"
    SENIOR = "SENIOR"
    GRADUATE_SCHOOL = "GRADUATE_SCHOOL"
    POST_GRADUATE_SCHOOL = "POST_GRADUATE_SCHOOL"
    UNKNOWN = "UNKNOWN"


class DataSource(Identified, Timestamped, Base):
    """Where records come from: the registrar's system, an import. `external_id` is its unique name."""

    __tablename__ = "data_sources"

    external_id: Mapped[str] = mapped_column(String(255), unique=True)
    description: Mapped[str | None]


class User(Identified, Timestamped, Base):
    """A person. Known by `username` (edX, Blackboard), by `uid` (PrairieLearn) and by `email` (Autolab)."""

    __tablename__ = "users"
    __table_args__ = (Index("ix_users_created_at_id", "created_at", "id"),)

    uuid: Mapped[str] = mapped_column(String(32), unique=True)
    username: Mapped[str] = mapped_column(String(150), unique=True)
    uid: Mapped[str] = mapped_column(String(255), unique=True)
    email: Mapped[str | None] = mapped_column(String(255), unique=True)
    name: Mapped[str | None] = mapped_column(String(255), index=True)
    given_name: Mapped[str | None] = mapped_column(String(150))
    family_name: Mapped[str | None] = mapped_column(String(150))
    uin: Mapped[str | None] = mapped_column(String(64), index=True)
    external_id: Mapped[str | None] = mapped_column(String(255), unique=True)
    data_source_id: Mapped[int | None] = reference("data_sources")
    school: Mapped[str | None] = mapped_column(String(150))
    major: Mapped[str | None] = mapped_column(String(150))
    year: Mapped[str | None] = mapped_column(String(32))
    is_staff: Mapped[bool] = mapped_column(default=False)
    is_active: Mapped[bool] = mapped_column(default=True)
    is_disabled: Mapped[bool] = mapped_column(default=False, server_default=false())
    password_hash: Mapped[str | None] = mapped_column(String(255))
    retirement_requested_at: Mapped[datetime | None]


class UserProfile(Identified, Timestamped, Base):
    """What an institution knows of a person beside the names: contact, address, job, preferences."""

    __tablename__ = "user_profiles"
    __table_args__ = (one_of("gender", Gender), one_of("education_level", EducationLevel))

    user_id: Mapped[int] = reference("users", index=False, unique=True)
    middle_name: Mapped[str | None] = mapped_column(String(150))
    other_name: Mapped[str | None] = mapped_column(String(150))
    suffix: Mapped[str | None] = mapped_column(String(64))
    title: Mapped[str | None] = mapped_column(String(64))
    preferred_name: Mapped[str | None] = mapped_column(String(64))
    pronouns: Mapped[str | None] = mapped_column(String(64))
    pronunciation: Mapped[str | None] = mapped_column(String(255))
    gender: Mapped[str] = enum_column(Gender, Gender.UNKNOWN)
    education_level: Mapped[str] = enum_column(EducationLevel, EducationLevel.UNKNOWN)
    birth_date: Mapped[datetime | None]
    institution_email: Mapped[str | None] = mapped_column(String(255), index=True)
    web_page: Mapped[str | None] = mapped_column(String(2000))
    home_phone: Mapped[str | None] = mapped_column(String(64))
    mobile_phone: Mapped[str | None] = mapped_column(String(64))
    business_phone: Mapped[str | None] = mapped_column(String(64))
    business_fax: Mapped[str | None] = mapped_column(String(64))
    job_title: Mapped[str | None] = mapped_column(String(150))
    job_department: Mapped[str | None] = mapped_column(String(150))
    job_company: Mapped[str | None] = mapped_column(String(150))
    street: Mapped[str | None] = mapped_column(String(255))
    street_more: Mapped[str | None] = mapped_column(String(255))
    city: Mapped[str | None] = mapped_column(String(150))
    state: Mapped[str | None] = mapped_column(String(150))
    zip_code: Mapped[str | None] = mapped_column(String(32))
    country: Mapped[str | None] = mapped_column(String(150))
    locale: Mapped[str | None] = mapped_column(String(32))
    calendar: Mapped[str | None] = mapped_column(String(32))
    first_day_of_week: Mapped[str | None] = mapped_column(String(32))
    time_zone: Mapped[str | None] = mapped_column(String(64))
    institution_roles: Mapped[list[str]] = mapped_column(default=list, server_default="[]")
    system_roles: Mapped[list[str]] = mapped_column(default=list, server_default="[]")
    shows_certificates: Mapped[bool] = mapped_column(default=False, server_default=false())


class OAuthClient(Identified, Base):
    """A program that people let act for them. Public ones (on people's own devices) have no secret.

    `user_id` is whom the client acts for when it asks for a token of its own (the grant `client_credentials`);
    `is_trusted` ones may send people's passwords (the grant `password`). `organizations` are the keys of those that the
    client is limited to; none: it is not.
    """

    __tablename__ = "oauth_clients"

    uid: Mapped[str] = mapped_column(String(64), unique=True)
    secret_digest: Mapped[str | None] = mapped_column(String(64))
    name: Mapped[str] = mapped_column(String(100))
    redirect_uris: Mapped[list[str]]
    scopes: Mapped[list[str]]
    organizations: Mapped[list[str]] = mapped_column(default=list, server_default="[]")
    user_id: Mapped[int | None] = reference("users")
    is_trusted: Mapped[bool] = mapped_column(default=False, server_default=false())
    created_at: Mapped[datetime] = mapped_column(default=utc_now)
    revoked_at: Mapped[datetime | None]


class AccessToken(Identified, Base):
    """A personal access token, or an OAuth client's: then a pair, with the token that refreshes it.

    Only SHA-256 digests are kept; `prefix` is what a list may show. `family` is shared by all pairs that come from one
    approval; `replaces_id` is the pair that this one was refreshed from, revoked when this one is first used.
    `is_registered_only`: it opens nothing but registered documents.
    """

    __tablename__ = "access_tokens"

    user_id: Mapped[int] = reference("users")
    name: Mapped[str] = mapped_column(String(100))
    prefix: Mapped[str] = mapped_column(String(16))
    digest: Mapped[str] = mapped_column(String(64), unique=True)
    scopes: Mapped[list[str]]
    created_at: Mapped[datetime] = mapped_column(default=utc_now)
    expires_at: Mapped[datetime | None]
    last_used_at: Mapped[datetime | None]
    revoked_at: Mapped[datetime | None]
    client_id: Mapped[int | None] = reference("oauth_clients")
    refresh_digest: Mapped[str | None] = mapped_column(String(64), unique=True)
    family: Mapped[str | None] = mapped_column(String(32), index=True)
    replaces_id: Mapped[int | None] = reference("access_tokens")
    is_registered_only: Mapped[bool] = mapped_column(default=False, server_default=false())


class RegisteredDocument(Identified, Base):
    """A GraphQL document that may be asked for by the SHA-256 of its text. `user_id` is who answers for it."""

    __tablename__ = "registered_documents"

    digest: Mapped[str] = mapped_column(String(64), unique=True)
    text: Mapped[str]
    operations: Mapped[list[str]]
    user_id: Mapped[int | None] = reference("users")
    created_at: Mapped[datetime]


class AuthorizationCode(Identified, Base):
    """What a person's approval is told to the client with: good once, for ten minutes."""

    __tablename__ = "authorization_codes"

    digest: Mapped[str] = mapped_column(String(64), unique=True)
    client_id: Mapped[int] = reference("oauth_clients")
    user_id: Mapped[int] = reference("users")
    redirect_uri: Mapped[str] = mapped_column(String(2000))
    scopes: Mapped[list[str]]
    code_challenge: Mapped[str | None] = mapped_column(String(128))
    family: Mapped[str] = mapped_column(String(32))
    created_at: Mapped[datetime] = mapped_column(default=utc_now)
    expires_at: Mapped[datetime]
    used_at: Mapped[datetime | None]


class DeviceRequest(Identified, Base):
    """A device without a browser that waits for a person's approval elsewhere; gone when it has had its answer."""

    __tablename__ = "device_requests"

    device_digest: Mapped[str] = mapped_column(String(64), unique=True)
    user_code: Mapped[str] = mapped_column(String(6), unique=True)
    client_id: Mapped[int] = reference("oauth_clients")
    code_id: Mapped[int | None] = reference("authorization_codes")
    created_at: Mapped[datetime] = mapped_column(default=utc_now)
    expires_at: Mapped[datetime]
    denied_at: Mapped[datetime | None]


class BrowserSession(Identified, Base):
    """A person signed in with a browser. Only the digest of the cookie is kept.

    `masks` says as whom the person looks at which course instance: {key: {"user_id": …, "group_id": …}}.
    """

    __tablename__ = "browser_sessions"

    digest: Mapped[str] = mapped_column(String(64), unique=True)
    user_id: Mapped[int] = reference("users")
    created_at: Mapped[datetime] = mapped_column(default=utc_now)
    expires_at: Mapped[datetime]
    masks: Mapped[dict[str, Any]] = mapped_column(default=dict, server_default="{}")


class SigningKey(Identified, Base):
    """The secret that this installation signs with, where the settings name none: one for each purpose."""

    __tablename__ = "signing_keys"

    purpose: Mapped[str] = mapped_column(String(32), unique=True)
    secret: Mapped[str] = mapped_column(String(64))
    created_at: Mapped[datetime] = mapped_column(default=utc_now)
