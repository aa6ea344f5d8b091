"""User and UserProfile, DataSource, AccessToken."""

from __future__ import annotations

from app.domain.identity.models import AccessToken as AccessTokenRow
from app.domain.identity.models import DataSource as DataSourceRow
from app.domain.identity.models import EducationLevel, Gender
from app.domain.identity.models import User as UserRow
from app.domain.identity.models import UserProfile as UserProfileRow
from schema.core.declare import column, computed
from schema.core.enums import describe_enum
from schema.core.node import node
from schema.core.relate import one

describe_enum(
    Gender,
    "Gender, as the registrar knows it.",
    FEMALE="Female.",
    MALE="Male.",
    OTHER="Neither of these.",
    UNKNOWN="Not told.",
)
describe_enum(
    EducationLevel,
    "How far a person's education has come.",
    K8="Kindergarten to grade 8.",
    HIGH_SCHOOL="High school.",
    FRESHMAN="First year at college.",
    SOPHOMORE="Second year at college.",
    JUNIOR="Third year at college.",
    SENIOR="Last year at college.",
    GRADUATE_SCHOOL="Graduate school.",
    POST_GRADUATE_SCHOOL="After graduate school.",
    UNKNOWN="Not told.",
)


def display_name(name: str | None, uid: str) -> str:
    """The name, or the sign-in name of somebody who has none."""
    return name or uid


@node(DataSourceRow, "Where records come from: the registrar's system, an import.")
class DataSource:
    """Visible to everybody who is signed in."""

    external_id = column(DataSourceRow.external_id, "Unique name.")
    description = column(DataSourceRow.description, "What it is.")
    created_at = column(DataSourceRow.created_at, "When it was entered.")
    updated_at = column(DataSourceRow.updated_at, "When it last changed.")


@node(UserRow, "A person: learner, teacher or administrator.")
class User:
    """Fields that only the person, their teachers and administrators see are null to others."""

    uuid = column(UserRow.uuid, "32 hexadecimal digits, without dashes.")
    username = column(UserRow.username, "Unique short name.")
    uid = column(UserRow.uid, "Unique sign-in name, usually an e-mail address.")
    email = column(UserRow.email, "E-mail address.")
    name = column(UserRow.name, "Full name.")
    display_name = computed(
        display_name, UserRow.name, UserRow.uid, returns=str, description="Full name, or `uid` where there is none."
    )
    given_name = column(UserRow.given_name, "Given name.")
    family_name = column(UserRow.family_name, "Family name.")
    uin = column(UserRow.uin, "The institution's number of the person. Private.")
    external_id = column(UserRow.external_id, "Key of the person in the system they were imported from. Private.")
    profile = one(
        UserRow.id, "What the institution knows of the person. For the person alone.", to=UserProfileRow.user_id
    )
    data_source = one(UserRow.data_source_id, "Where the record comes from.")
    school = column(UserRow.school, "School or college. Private.")
    major = column(UserRow.major, "Field of study. Private.")
    year = column(UserRow.year, "Year of study, as text. Private.")
    is_staff = column(UserRow.is_staff, "Whether this is an institution administrator. Private.")
    is_active = column(UserRow.is_active, "Whether the person may sign in. Private.")
    is_disabled = column(UserRow.is_disabled, "Whether the person is kept for the record only. Private.")
    retirement_requested_at = column(UserRow.retirement_requested_at, "When they asked to be forgotten. Private.")
    created_at = column(UserRow.created_at, "When the person became known.")
    updated_at = column(UserRow.updated_at, "When the person's data last changed.")


@node(UserProfileRow, "What the institution knows of a person beside the names.")
class UserProfile:
    """Visible to the person and to administrators."""

    user = one(UserProfileRow.user_id, "Whose profile.")
    middle_name = column(UserProfileRow.middle_name, "Middle name.")
    other_name = column(UserProfileRow.other_name, "Another given name, such as the one in use.")
    suffix = column(UserProfileRow.suffix, "What follows the name, such as `Jr.`.")
    title = column(UserProfileRow.title, "What precedes the name, such as `Dr.`.")
    preferred_name = column(UserProfileRow.preferred_name, "Which name to show: `GivenName`, `OtherName`, `Both`.")
    pronouns = column(UserProfileRow.pronouns, "Pronouns.")
    pronunciation = column(UserProfileRow.pronunciation, "How to say the name.")
    gender = column(UserProfileRow.gender, "Gender.", enum=Gender)
    education_level = column(UserProfileRow.education_level, "Level of education.", enum=EducationLevel)
    birth_date = column(UserProfileRow.birth_date, "Date of birth.")
    institution_email = column(UserProfileRow.institution_email, "E-mail address given by the institution.")
    web_page = column(UserProfileRow.web_page, "Web page.")
    home_phone = column(UserProfileRow.home_phone, "Telephone at home.")
    mobile_phone = column(UserProfileRow.mobile_phone, "Mobile telephone.")
    business_phone = column(UserProfileRow.business_phone, "Telephone at work.")
    business_fax = column(UserProfileRow.business_fax, "Fax at work.")
    job_title = column(UserProfileRow.job_title, "What the person is at work.")
    job_department = column(UserProfileRow.job_department, "Department.")
    job_company = column(UserProfileRow.job_company, "Company.")
    street = column(UserProfileRow.street, "Street and number.")
    street_more = column(UserProfileRow.street_more, "Second line of the address.")
    city = column(UserProfileRow.city, "City.")
    state = column(UserProfileRow.state, "State or province.")
    zip_code = column(UserProfileRow.zip_code, "Postal code.")
    country = column(UserProfileRow.country, "Country.")
    locale = column(UserProfileRow.locale, "Language and region, such as `en_US`.")
    calendar = column(UserProfileRow.calendar, "Calendar in use, such as `Gregorian`.")
    first_day_of_week = column(UserProfileRow.first_day_of_week, "First day of the week, such as `Monday`.")
    time_zone = column(UserProfileRow.time_zone, "Where days begin for them, such as `Europe/Oslo`.")
    institution_roles = column(
        UserProfileRow.institution_roles, "The institution's own names for what the person is.", returns=list[str]
    )
    system_roles = column(
        UserProfileRow.system_roles, "Roles in the system that the record comes from.", returns=list[str]
    )
    shows_certificates = column(UserProfileRow.shows_certificates, "Whether everybody may see the certificates.")
    created_at = column(UserProfileRow.created_at, "When it was entered.")
    updated_at = column(UserProfileRow.updated_at, "When it last changed.")


@node(AccessTokenRow, "A personal access token of yours. The token itself was shown once, when it was made.")
class AccessToken:
    """Only one's own are visible."""

    user = one(AccessTokenRow.user_id, "Whose token it is.")
    name = column(AccessTokenRow.name, "What its owner called it.")
    prefix = column(AccessTokenRow.prefix, "Its first characters, to tell it from others.")
    scopes = column(AccessTokenRow.scopes, "What it may be used for: `read`, `write`, `admin`.", returns=list[str])
    is_registered_only = column(AccessTokenRow.is_registered_only, "Whether it opens registered documents alone.")
    created_at = column(AccessTokenRow.created_at, "When it was made.")
    expires_at = column(AccessTokenRow.expires_at, "When it stops working; null: never.")
    last_used_at = column(AccessTokenRow.last_used_at, "When it was last used, to the minute.")
    revoked_at = column(AccessTokenRow.revoked_at, "When it was revoked.")
