"""The mutations about who takes part in course instances in which tracks: who may, and what they take."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

MATRIX = {
    "joinCourseInstance": "UNNNN+",
    "enlistPeople": "UFNF++",
    "inviteByEmail": "UFNF++",
    "withdrawInvitation": "UNNF++",
    "dropEverywhere": "UFFFF+",
    "createEnrollmentTrack": "UFFFF+",
    "updateEnrollmentTrack": "UFFFF+",
    "deleteEnrollmentTrack": "UFFFF+",
}
INPUTS: dict[str, Callable[[Any], dict[str, Any]]] = {
    "joinCourseInstance": lambda s: {
        "courseInstanceId": s.world.course_instance_id,
        "userId": s.newcomer_id,
        "isForced": True,
    },
    "enlistPeople": lambda s: {
        "courseInstanceIds": [s.world.course_instance_id],
        "names": ["nia", "later@uni.example", "nobody"],
    },
    "inviteByEmail": lambda s: {"courseInstanceId": s.world.course_instance_id, "email": "later@uni.example"},
    "withdrawInvitation": lambda s: {"enrollmentInvitationId": s.invitation_id},
    "dropEverywhere": lambda s: {"userId": s.world.student_id},
    "createEnrollmentTrack": lambda s: {"courseInstanceId": s.world.course_instance_id, "slug": "new", "name": "New"},
    "updateEnrollmentTrack": lambda s: {"enrollmentTrackId": s.track_id, "name": "New"},
    "deleteEnrollmentTrack": lambda s: {"enrollmentTrackId": s.track_id},
}
