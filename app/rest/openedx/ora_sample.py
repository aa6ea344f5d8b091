"""The sample that the staff grader's `mock` operations tell: no course, no learner, nothing that is stored.

Clients are tried with it (contracts/edx-core.md §15). It is shaped like the real answers, and always marked alike.
"""

from __future__ import annotations

from app.rest.openedx.ora_words import GRADED, UNGRADED
from app.rest.route import Row

UUID = "00000000-0000-4000-8000-000000000001"
SCORE = {"pointsEarned": 70, "pointsPossible": 100}
OPTIONS = (("fair", "Fair", 70), ("good", "Good", 100))
SUBMISSION: Row = {
    "submissionUUID": UUID,
    "username": "sample_learner",
    "email": "sample_learner@example.com",
    "fullname": "Sample Learner",
    "teamName": None,
    "dateSubmitted": "2022-01-31 10:00:00.123456+00:00",
    "dateGraded": "None",
    "gradedBy": None,
    "gradeStatus": UNGRADED,
    "lockStatus": "unlocked",
    "score": None,
}
INITIAL: Row = {
    "courseMetadata": {
        "title": "Sample course",
        "org": "sample",
        "number": "S1",
        "courseId": "course-v1:sample+S1+1",
    },
    "oraMetadata": {
        "name": "Sample response",
        "prompts": [{"description": "<p>Write a sentence.</p>"}],
        "type": "individual",
        "textResponseConfig": "required",
        "textResponseEditor": "text",
        "fileUploadResponseConfig": "none",
        "rubricConfig": {
            "feedbackPrompt": "What do you say of the whole?",
            "criteria": [
                {
                    "label": "Sentence",
                    "prompt": "Is it one?",
                    "feedback": "optional",
                    "name": "sentence",
                    "orderNum": 0,
                    "options": [
                        {"label": label, "points": points, "explanation": "", "name": name, "orderNum": place}
                        for place, (name, label, points) in enumerate(OPTIONS)
                    ],
                }
            ],
        },
    },
    "submissions": {UUID: SUBMISSION},
    "isEnabled": True,
}
NOT_GRADED: Row = {"gradeData": {}, "gradeStatus": UNGRADED, "lockStatus": "unlocked"}
WHOLE: Row = {**NOT_GRADED, "response": {"files": [], "text": ["This is a sentence."]}}
MARKED: Row = {
    "gradeData": {
        "score": SCORE,
        "overallFeedback": "A fair sentence.",
        "criteria": [{"name": "sentence", "feedback": "", "points": 70, "selectedOption": "fair"}],
    },
    "gradeStatus": GRADED,
    "lockStatus": "unlocked",
}
