"""The 12 operations as the fixture can ask for them, and what each needs."""

from __future__ import annotations

from tests.rest.prairielearn.conftest import CI

CONTENT = {
    "CourseInstance": CI,
    "CourseInstanceAccessRules": CI + "/course_instance_access_rules",
    "Assessments": CI + "/assessments",
    "Assessment": CI + "/assessments/7",
    "AssessmentAccessRules": CI + "/assessments/7/assessment_access_rules",
}
LEARNER_DATA = {
    "Gradebook": CI + "/gradebook",
    "AssessmentInstances": CI + "/assessments/7/assessment_instances",
    "AssessmentInstance": CI + "/assessment_instances/31",
    "InstanceQuestions": CI + "/assessment_instances/31/instance_questions",
    "Submissions": CI + "/assessment_instances/31/submissions",
    "AssessmentInstanceLog": CI + "/assessment_instances/31/log",
    "Submission": CI + "/submissions/880",
}
OPERATIONS = CONTENT | LEARNER_DATA
