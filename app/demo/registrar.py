"""What the registrar's office knows beside names: where records come from, profiles, what roles are called."""

from __future__ import annotations

from typing import Any

from sqlalchemy import insert, select, update

from app.demo.calendar import AUTUMN_2026, FOUNDED, WEDNESDAY
from app.demo.chance import between, lot, pick
from app.demo.names import ADMINISTRATOR, DOMAIN
from app.demo.stage import Scene, Stage
from app.domain.enrollment.models import Enrollment, EnrollmentRole, Role
from app.domain.enrollment.service import create_enrollment_role
from app.domain.identity.institution import create_data_source, update_profile
from app.domain.identity.models import DataSource, EducationLevel, Gender, User, UserProfile

SIS, HR = "NBU-SIS", "NBU-HR"
FULL: dict[str, Any] = {
    "middle_name": "Maria",
    "other_name": "Lena",
    "suffix": "PhD",
    "title": "Dr.",
    "preferred_name": "OtherName",
    "pronouns": "she/her",
    "pronunciation": "heh-LEH-na BERG-strum",
    "institution_email": f"registrar@{DOMAIN}",
    "web_page": f"https://people.{DOMAIN}/hbergstrom",
    "home_phone": "+1 555 0100",
    "mobile_phone": "+1 555 0101",
    "business_phone": "+1 555 0102",
    "business_fax": "+1 555 0103",
    "job_title": "Registrar",
    "job_department": "Registrar's Office",
    "job_company": "Northbridge University",
    "street": "1 College Street",
    "street_more": "Room 12",
    "city": "Northbridge",
    "state": "Illinois",
    "zip_code": "60000",
    "country": "United States",
    "locale": "en_US",
    "calendar": "Gregorian",
    "first_day_of_week": "Monday",
    "institution_roles": ["Staff"],
    "system_roles": ["SystemAdmin"],
}
LEVELS = tuple(EducationLevel)


async def open_office(stage: Stage) -> None:
    """The systems that records come from, and the registrar's own profile."""
    await create_data_source(stage.program, external_id=SIS, description="Student records, every night")
    await create_data_source(stage.program, external_id=HR, description="Personnel")
    born = FOUNDED.replace(year=1979, month=5, day=17, hour=0)
    await update_profile(stage.program, user_id=stage.cast.people[ADMINISTRATOR], birth_date=born, **FULL)
    await create_enrollment_role(stage.program, key="PeerTutor", name="Peer tutor", role=Role.COURSE_ASSISTANT)


async def nightly(stage: Stage) -> None:
    """The records as the two systems send them: sources, profiles of learners, roles of the staff."""
    sources = {row.external_id: row.id for row in await stage.db.fetch(select(DataSource.external_id, DataSource.id))}
    from_hr = User.external_id.startswith("hr:")
    now = {"updated_at": stage.now}
    for key, condition in ((HR, from_hr), (SIS, ~from_hr)):
        await stage.db.execute(update(User).where(condition).values(data_source_id=sources[key], **now))
    closed = update(User).where(User.is_active.is_(False))
    await stage.db.execute(closed.values(is_disabled=True, **now))
    student = Enrollment.role == Role.STUDENT
    await stage.db.execute(update(Enrollment).where(student).values(data_source_id=sources[SIS], **now))
    roles = {row.key: row.id for row in await stage.db.fetch(select(EnrollmentRole.key, EnrollmentRole.id))}
    assistants = update(Enrollment).where(Enrollment.role == Role.COURSE_ASSISTANT)
    await stage.db.execute(assistants.values(enrollment_role_id=roles["PeerTutor"], display_order=2, **now))
    teachers = update(Enrollment).where(Enrollment.role == Role.INSTRUCTOR)
    await stage.db.execute(teachers.values(enrollment_role_id=roles["Instructor"], display_order=1, **now))
    learners = await stage.db.fetch(
        select(User.id, User.username).where(User.external_id.startswith("sis:")).order_by(User.id)
    )
    await stage.db.execute(insert(UserProfile), [_profile(stage, row.id, row.username) for row in learners])


def _profile(stage: Stage, user_id: int, username: str) -> dict[str, Any]:
    youngest, oldest = FOUNDED.replace(year=2008), FOUNDED.replace(year=1985)
    return {
        "user_id": user_id,
        "gender": pick(tuple(Gender), "gender", username),
        "education_level": LEVELS[int(lot("level", username) * len(LEVELS))],
        "birth_date": between(oldest, youngest, "birth", username).replace(hour=0, minute=0, second=0),
        "institution_roles": ["Student"],
        "system_roles": ["User"],
        "shows_certificates": lot("certificates", username) < 0.3,
        "time_zone": "America/Chicago" if lot("zone", username) < 0.3 else None,
        "created_at": stage.now,
        "updated_at": stage.now,
    }


SCENES = (
    Scene(FOUNDED, open_office),
    Scene(AUTUMN_2026.at(1, WEDNESDAY, "02:00"), nightly),
)
