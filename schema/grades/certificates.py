"""Certificate, and whose it is."""

from __future__ import annotations

from app.domain.enrollment.models import Enrollment as EnrollmentRow
from app.domain.grades.certificates import certificates_of, is_passing, shown
from app.domain.grades.models import Certificate as CertificateRow
from schema.core.declare import batch, column, computed
from schema.core.node import extend, node
from schema.core.relate import one, page
from schema.enrollment.types import Enrollment
from schema.grades.enums import CertificateStatus
from schema.identity.types import User


@node(CertificateRow, "That a person has passed a course instance, in a track that promises it.")
class Certificate:
    """It follows the course grade. Who shows theirs shows those of what they have passed to everybody."""

    course_instance = one(CertificateRow.course_instance_id, "What was passed.")
    user = one(CertificateRow.user_id, "By whom.")
    uuid = column(CertificateRow.uuid, "Unique; nobody could guess it.")
    status = column(CertificateRow.status, "Whether it may be shown.", enum=CertificateStatus)
    is_passing = computed(
        is_passing, CertificateRow.status, returns=bool, description="Whether the course grade is a pass."
    )
    is_shown = batch(
        shown,
        CertificateRow.id,
        lambda: bool,
        "Whether it may be shown: of a pass, where there are certificates, and from when on the course instance says.",
    )
    track = column(CertificateRow.track, "The track that it was made in.")
    grade = column(CertificateRow.grade, "The fraction of the whole, as text: `0.88`.")
    created_at = column(CertificateRow.created_at, "When it was made.")
    updated_at = column(CertificateRow.updated_at, "When it last changed.")


@extend(User)
class UserCertificates:
    """Certificates."""

    certificates = page(CertificateRow.user_id, "Their certificates that you may see, by entry.")


@extend(Enrollment)
class EnrollmentCertificate:
    """The certificate."""

    certificate = batch(
        certificates_of, EnrollmentRow.id, lambda: Certificate | None, "The certificate; null: none.", narrows=True
    )
