"""Courses, people, members and what the institution has, key by key (contracts/blackboard.md §4.1 to §4.3, §4.8)."""

from __future__ import annotations

from app.rest.blackboard.spelling import (
    ANY,
    FLAG,
    ID,
    INSTANT,
    REFERENCE,
    TEXT,
    TEXTS,
    WHOLE,
    Key,
    Kind,
    Thing,
    enum,
    made,
    words,
)
from app.rest.route import Row

COURSE_AVAILABILITY = {"AVAILABLE": "Yes", "UNAVAILABLE": "No", "DISABLED": "Disabled"}
STATES = ("Yes", "No", "Disabled")
VIEWS = {"UNDECIDED": "Undecided", "CLASSIC": "Classic", "ULTRA": "Ultra", "ULTRA_PREVIEW": "Ultrapreview"}
DURATIONS = {"CONTINUOUS": "Continuous", "DATE_RANGE": "DateRange", "FIXED_DAYS": "FixedNumDays", "TERM": "UseTerm"}
TERM_DURATIONS = {name: text for name, text in DURATIONS.items() if name != "TERM"}
METHODS = {
    "INSTRUCTOR_LED": "InstructorLed",
    "SELF_ENROLLMENT": "SelfEnrollment",
    "EMAIL_ENROLLMENT": "EmailEnrollment",
}
GENDERS = {"FEMALE": "Female", "MALE": "Male", "OTHER": "Other", "UNKNOWN": "Unknown"}
LEVELS = {
    "K8": "K8",
    "HIGH_SCHOOL": "HighSchool",
    "FRESHMAN": "Freshman",
    "SOPHOMORE": "Sophomore",
    "JUNIOR": "Junior",
    "SENIOR": "Senior",
    "GRADUATE_SCHOOL": "GraduateSchool",
    "POST_GRADUATE_SCHOOL": "PostGraduateSchool",
    "UNKNOWN": "Unknown",
}
ROLES = {"INSTRUCTOR": "Instructor", "COURSE_ASSISTANT": "TeachingAssistant", "STUDENT": "Student"}
YES_NO = Kind({}, read=lambda value: words({"Yes": "Yes", "No": "No"}).read(value) == "Yes")


def _course_available(row: Row) -> str:
    return "Term" if row["follows_term"] else COURSE_AVAILABILITY[row["availability"]]


def _member_available(row: Row) -> str:
    if row["status"] == "DROPPED":
        return "Disabled"
    return "Yes" if row["status"] == "ACTIVE" and row["is_available"] else "No"


def _role_of(row: Row) -> str:
    return str(row["course_role"]["key"]) if row["course_role"] else ROLES[row["role"]]


def _user_available(row: Row) -> str:
    return "Disabled" if row["is_disabled"] else "No" if row["is_active"] is False else "Yes"


def _roles(default: str) -> Kind:
    return made(TEXTS.schema, lambda found: found or [default])


COURSE_AVAILABLE = made(
    enum(*COURSE_AVAILABILITY.values(), "Term"), _course_available, words(COURSE_AVAILABILITY | {"TERM": "Term"})
)
MEMBER_AVAILABLE = made(enum("Yes", "No", "Disabled"), _member_available, words({text: text for text in STATES}))
USER_AVAILABLE = made(enum("Yes", "No", "Disabled"), _user_available, words({text: text for text in STATES}))
COURSE = Thing(
    (
        Key("id", ID),
        Key("uuid", TEXT, staff=True),
        Key("externalId", TEXT, "external_id", write="externalId", else_of="name", staff=True),
        Key("dataSourceId", REFERENCE, "data_source.id", write="dataSourceId", staff=True),
        Key("courseId", TEXT, "name"),
        Key("name", TEXT, "long_name", write="longName"),
        Key("description", TEXT, write="description"),
        Key("termId", REFERENCE, "term.id", write="termId"),
        Key("created", INSTANT, staff=True),
        Key("modified", INSTANT),
        Key("organization", FLAG, "is_organization", write="isOrganization"),
        Key("ultraStatus", words(VIEWS, UltraPreview="ULTRA_PREVIEW"), "view", write="view"),
        Key("allowGuests", FLAG, "allows_guests", write="allowsGuests", staff=True),
        Key("allowObservers", FLAG, "allows_observers", write="allowsObservers"),
        Key("closedComplete", FLAG, "is_complete", write="isComplete"),
        Key("availability.available", COURSE_AVAILABLE, ".", write="availability"),
        Key("availability.duration.type", words(DURATIONS, Term="TERM"), "duration", write="duration"),
        Key("availability.duration.start", INSTANT, "start_at", write="startAt"),
        Key("availability.duration.end", INSTANT, "end_at", write="endAt"),
        Key("availability.duration.daysOfUse", WHOLE, "days_of_use", write="daysOfUse"),
        Key("enrollment.type", words(METHODS), "enrollment_method", write="enrollmentMethod"),
        Key("enrollment.start", INSTANT, "enrollment_start_at", write="enrollmentStartAt"),
        Key("enrollment.end", INSTANT, "enrollment_end_at", write="enrollmentEndAt"),
        Key("enrollment.accessCode", TEXT, "access_code", write="enrollmentAccessCode", staff=True),
        Key("locale.id", TEXT, "locale", write="locale"),
        Key("locale.force", FLAG, "is_locale_forced", write="isLocaleForced"),
        Key("hasChildren", ANY, "children"),
        Key("parentId", ID, "parent.id"),
    )
)
NAMES = {"middle": "middleName", "other": "otherName", "suffix": "suffix", "title": "title"}
PREFERENCES = ("GivenName", "OtherName", "Both")
PREFERRED = made(
    enum(*PREFERENCES),
    lambda text: text if text in PREFERENCES else "GivenName",
    words({text: text for text in PREFERENCES}),
)
JOB = {"title": "jobTitle", "department": "jobDepartment", "company": "jobCompany"}
CONTACT = ("homePhone", "mobilePhone", "businessPhone", "businessFax", "institutionEmail", "webPage")
ADDRESS = {
    "street1": "street",
    "street2": "streetMore",
    **{name: name for name in ("city", "state", "zipCode", "country")},
}
LOCALE = {"id": "locale", "calendar": "calendar", "firstDayOfWeek": "firstDayOfWeek"}
USER = Thing(
    (
        Key("id", ID),
        Key("uuid", TEXT),
        Key("externalId", TEXT, "external_id", write="externalId", else_of="username"),
        Key("userName", TEXT, "username", write="username"),
        Key("dataSourceId", REFERENCE, "data_source.id", write="dataSourceId"),
        Key("studentId", TEXT, "uin", write="uin"),
        *(Key(name, TEXT, f"profile.{name}", write=f"profile.{name}") for name in ("pronouns", "pronunciation")),
        Key("educationLevel", words(LEVELS), "profile.education", write="profile.educationLevel", else_="Unknown"),
        Key("gender", words(GENDERS), "profile.gender", write="profile.gender", else_="Unknown"),
        Key("birthDate", INSTANT, "profile.birth_date", write="profile.birthDate"),
        Key("created", INSTANT),
        Key("modified", INSTANT),
        Key("institutionRoleIds", TEXTS, "profile.institution_roles", else_=[]),
        Key("systemRoleIds", _roles("User"), "profile.system_roles", else_=["User"]),
        Key("availability.available", USER_AVAILABLE, ".", write="availability"),
        Key("name.given", TEXT, "given_name", write="givenName", else_of="display_name"),
        Key("name.family", TEXT, "family_name", write="familyName", else_=""),
        *(Key(f"name.{wire}", TEXT, f"profile.{name}", write=f"profile.{name}") for wire, name in NAMES.items()),
        Key(
            "name.preferredDisplayName",
            PREFERRED,
            "profile.preferredName",
            write="profile.preferredName",
            else_="GivenName",
        ),
        *(Key(f"job.{wire}", TEXT, f"profile.{name}", write=f"profile.{name}") for wire, name in JOB.items()),
        *(Key(f"contact.{name}", TEXT, f"profile.{name}", write=f"profile.{name}") for name in CONTACT),
        Key("contact.email", TEXT, "email", write="email"),
        *(Key(f"address.{wire}", TEXT, f"profile.{name}", write=f"profile.{name}") for wire, name in ADDRESS.items()),
        *(Key(f"locale.{wire}", TEXT, f"profile.{name}", write=f"profile.{name}") for wire, name in LOCALE.items()),
    )
)
MEMBERSHIP = Thing(
    (
        Key("id", ID),
        Key("userId", ID, "person.id"),
        Key("courseId", ID, "place.id"),
        Key("childCourseId", ID, "child.id"),
        Key("dataSourceId", REFERENCE, "data_source.id", write="dataSourceId"),
        Key("created", INSTANT),
        Key("modified", INSTANT),
        Key("availability.available", MEMBER_AVAILABLE, ".", write="availability"),
        Key("courseRoleId", made(TEXT.schema, _role_of, TEXT), ".", write="courseRoleId"),
        Key("displayOrder", WHOLE, "display_order", write="displayOrder"),
    )
)
CHILD = Thing(
    (
        Key("id", ID),
        Key("parentId", ID, "parent.id"),
        Key("dataSourceId", ID, "data_source.id"),
        Key("created", INSTANT),
    )
)
DATA_SOURCE = Thing(
    (
        Key("id", ID),
        Key("externalId", TEXT, "external_id", write="externalId"),
        Key("description", TEXT, write="description"),
    )
)
TERM = Thing(
    (
        Key("id", ID),
        Key("externalId", TEXT, "external_id", write="externalId"),
        Key("dataSourceId", REFERENCE, "data_source.id", write="dataSourceId"),
        Key("name", TEXT, write="name"),
        Key("description", TEXT, write="description"),
        Key(
            "availability.available",
            made(enum("Yes", "No"), lambda yes: "Yes" if yes else "No", YES_NO),
            "is_available",
            write="isAvailable",
        ),
        Key("availability.duration.type", words(TERM_DURATIONS), "duration", write="duration"),
        Key("availability.duration.start", INSTANT, "start_at", write="startAt"),
        Key("availability.duration.end", INSTANT, "end_at", write="endAt"),
        Key("availability.duration.daysOfUse", WHOLE, "days_of_use", write="daysOfUse"),
    )
)
COURSE_ROLE = Thing(
    (
        Key("id", ID),
        Key("roleId", TEXT, "key"),
        Key("nameForCourses", TEXT, "name"),
        Key("custom", FLAG, "is_custom"),
        Key("availability.available", made(enum("Yes", "No"), lambda yes: "Yes" if yes else "No"), "is_available"),
    )
)
VERSION = Thing(
    (
        Key("learn.major", WHOLE, "major"),
        Key("learn.minor", WHOLE, "minor"),
        Key("learn.patch", WHOLE, "patch"),
        Key("learn.build", TEXT, "build"),
    )
)
