"""Who sees which row of the semester: for each type the letters of its readers (tests/schema/semester.py) and the rows.

What is deleted, and what is in or of something deleted, is seen by nobody: its readers are the empty text.
"""

from __future__ import annotations

from tests.schema.semester import READERS

EVERYBODY = "".join(READERS)
SEEN: dict[str, dict[str, str]] = {
    "Organization": {EVERYBODY: "uni"},
    "DataSource": {EVERYBODY: "SYSTEM"},
    "Term": {EVERYBODY: "f24"},
    "EnrollmentRole": {
        EVERYBODY: "Instructor, BbFacilitator, TeachingAssistant, CourseBuilder, Grader, Student, Guest"
    },
    "UserProfile": {"SD": "sam", "TD": "sue", "ID": "ida"},
    "User": {
        "DN": "root",
        "STQAID": "ida, tom",
        "SAID": "sam, gil",
        "TAID": "sue",
        "TQAID": "dan",
        "AID": "zoe",
        "OD": "oto, mia",
        "PWD": "pia",
        "LD": "lou",
        "WD": "owen",
        "D": "fay",
    },
    "AccessToken": {"SD": "laptop", "ID": "desk"},
    "Course": {EVERYBODY: "EE210, HIST1"},
    "CourseInstance": {"STQPWAID": "sig-f24", "OD": "hist-f24", "": "sig-f23"},
    "CourseInstanceAccessRule": {"PWAID": "sig-f24 1", "": "sig-f23 1"},
    "Enrollment": {
        "STQAID": "ida sig-f24, tom sig-f24",
        "SAID": "sam sig-f24",
        "TAID": "sue sig-f24",
        "QAID": "dan sig-f24",
        "AID": "gil sig-f24, zoe sig-f24",
        "OD": "oto hist-f24, mia hist-f24",
        "": "ida sig-f23, sam sig-f23, fay sig-f23",
    },
    "EnrollmentInvitation": {
        "AID": "sig-f24 new@uni.example",
        "OD": "hist-f24 new@uni.example",
        "": "sig-f23 new@uni.example",
    },
    "EnrollmentTrack": {"STQPWAID": "sig-f24 verified", "OD": "hist-f24 audit", "": "sig-f23 audit"},
    "CourseStaff": {"PWD": "pia EE210", "WD": "owen EE210"},
    "GroupSet": {
        "STQPWAID": "sig-f24 Pairs, sig-f24 Labs, sig-f24 Cohorts",
        "TPWAID": "sig-f24 Hidden",
        "": "sig-f23 Pairs",
    },
    "Group": {"SAID": "g1, c1", "STAID": "lab", "TAID": "g2, guild, secret", "": "g3, g0"},
    "GroupMembership": {
        "SAID": "sam g1, gil g1, sam c1",
        "STAID": "gil lab",
        "TAID": "sue g2, dan g2, sue guild, sue secret",
        "AID": "gil c1",
        "": "zoe g3, sam g0, fay g0",
    },
    "Block": {
        "STQPWAID": "sig-f24 Course, sig-f24 Week 1, sig-f24 Welcome",
        "SPWAID": "sig-f24 Quiz, sig-f24 Task",
        "PWAID": "sig-f24 Drafts, sig-f24 Draft, sig-f24 Week 9, sig-f24 Later",
        "OD": "hist-f24 Course",
        "": "sig-f23 Course",
    },
    "BlockGroup": {"SPWAID": "sig-f24 Quiz g1"},
    "Bookmark": {"SD": "sam sig-f24 Welcome", "QD": "dan sig-f24 Week 1", "": "sam sig-f23 Course"},
    "Library": {EVERYBODY: "open", "SAID": "shelf"},
    "LibraryMember": {"SID": "sam shelf", "AID": "tom shelf", "ID": "ida shelf"},
    "LibraryBlock": {EVERYBODY: "Primer", "SAID": "Sheet, Drill"},
    "LibraryProgress": {"SD": "sam Drill", "TD": "sue Primer"},
    "LearnerRecord": {"SAID": "sam sig-f24", "QAID": "dan sig-f24", "": "sam sig-f23"},
    "AssessmentCategory": {
        "STQPWAID": "sig-f24 Labs, sig-f24 Essays, sig-f24 Quizzes",
        "OD": "hist-f24 Essays",
        "": "sig-f23 Essays",
    },
    "Assessment": {
        "STQPWAID": "lab1, pair1, sum1",
        "SPWAID": "Quiz",
        "PWAID": "exam1, hidden1",
        "OD": "essay1",
        "": "gone1, old1, gone2",
    },
    "GradeSchema": {"STQPWAID": "sig-f24 Letters", "": "sig-f23 Letters"},
    "GradeNotation": {"STQPWAID": "sig-f24 I", "": "sig-f23 I"},
    "GradingPeriod": {"STQPWAID": "sig-f24 Autumn", "": "sig-f23 Autumn"},
    "Calculation": {"STQPWAID": "sum1", "": "gone2"},
    "CalculationTerm": {"STQPWAID": "sum1 1", "": "gone2 1"},
    "Zone": {"STQPWAID": "lab1 1", "PWAID": "exam1 1", "OD": "essay1 1", "": "gone1 1, old1 1"},
    "Question": {"STQPWAID": "sine", "PWAID": "loose, secret, antique", "OD": "essay"},
    "Problem": {
        "STQPWAID": "lab1 Part A, lab1 Style, pair1 Whole",
        "SPWAID": "Quiz Task",
        "PWAID": "exam1 Q1",
        "OD": "essay1 Text",
        "": "gone1 Text, old1 Text",
    },
    "AssessmentAccessRule": {
        "STQPWAID": "lab1 1, lab1 2",
        "PWAID": "exam1 1",
        "OD": "essay1 1",
        "": "gone1 1, old1 1",
    },
    "AssessmentExtension": {
        "SAID": "sam lab1",
        "TAID": "sue lab1",
        "OD": "mia essay1",
        "": "sam gone1, sam old1",
    },
    "AssessmentInstance": {
        "SAID": "sam lab1 1, g1 pair1 1, sam exam1 1",
        "TAID": "sue lab1 1",
        "QAID": "dan lab1 1",
        "OD": "mia essay1 1",
        "": "g3 pair1 1, sam gone1 1, sam old1 1",
    },
    "InstanceQuestion": {
        "SAID": "sam lab1 1 Part A, sam lab1 1 Style, g1 pair1 1 Whole, sam exam1 1 Q1",
        "TAID": "sue lab1 1 Part A, sue lab1 1 Style",
        "QAID": "dan lab1 1 Part A, dan lab1 1 Style",
        "OD": "mia essay1 1 Text",
        "": "g3 pair1 1 Whole, sam gone1 1 Text, sam old1 1 Text",
    },
    "Variant": {
        "SAID": "sam lab1 1 Part A, g1 pair1 1 Whole",
        "TAID": "sue lab1 1 Part A",
        "QAID": "dan lab1 1 Part A",
        "OD": "mia essay1 1 Text",
        "": "g3 pair1 1 Whole, sam gone1 1 Text, sam old1 1 Text",
    },
    "Submission": {
        "SAID": "sam lab1 1, g1 pair1 1",
        "TAID": "sue lab1 1",
        "QAID": "dan lab1 1",
        "OD": "mia essay1 1",
        "": "g3 pair1 1, sam gone1 1, sam old1 1",
    },
    "SubmissionFile": {
        "SAID": "sam lab1 1 sam.py",
        "TAID": "sue lab1 1 sue.py",
        "QAID": "dan lab1 1 dan.py",
        "OD": "mia essay1 1 essay1.txt",
        "": "sam gone1 1 gone1.txt, sam old1 1 old1.txt",
    },
    "Score": {
        "SAID": "sam lab1 1 Part A, sam lab1 1 Style, g1 pair1 1 Whole",
        "TAID": "sue lab1 1 Part A, sue lab1 1 Style",
        "QAID": "dan lab1 1 Part A, dan lab1 1 Style",
        "OD": "mia essay1 1 Text",
        "": "g3 pair1 1 Whole, sam gone1 1 Text, sam old1 1 Text",
    },
    "ColumnGrade": {
        "SAID": "sam lab1, sam pair1, sam sum1",
        "TAID": "sue lab1, sue sum1",
        "QAID": "dan lab1, dan sum1",
        "AID": "gil pair1, zoe pair1, gil sum1, zoe sum1, sam hidden1",
        "OD": "mia essay1",
        "": "sam gone1, sam old1, sam gone2, sue gone2, dan gone2, gil gone2, zoe gone2",
    },
    "GradeChange": {
        "AID": "sam lab1 SCORED, sam lab1 RELEASED, sam lab1 ANNOTATED, sue lab1 SCORED, dan lab1 SCORED, "
        "dan lab1 RELEASED, sam pair1 SCORED, gil pair1 SCORED, zoe pair1 SCORED, "
        "sam hidden1 OVERRIDDEN",
        "OD": "mia essay1 SCORED",
        "": "sam gone1 SCORED, sam old1 SCORED",
    },
    "Certificate": {"SAID": "sam sig-f24", EVERYBODY: "sue sig-f24", "": "sam sig-f23"},
    "Job": {
        "AID": "sig-f24 GRADES, sig-f24 COURSE_MESSAGE",
        "OD": "hist-f24 GRADES, hist-f24 COURSE_MESSAGE",
        "": "sig-f23 GRADES, sig-f23 COURSE_MESSAGE",
    },
    "CourseMessage": {"AID": "sig-f24 Hello", "OD": "hist-f24 Hello", "": "sig-f23 Hello"},
    "CourseGrade": {"SAID": "sam sig-f24", "TAID": "sue sig-f24", "OD": "mia hist-f24", "": "sam sig-f23"},
}


def readers_of(kind: str) -> dict[str, str]:
    """The letters of the readers of each row of a type, by the row's name."""
    return {name: letters for letters, names in SEEN[kind].items() for name in names.split(", ")}


def seen(kind: str, reader: str) -> list[str]:
    """The names of the rows of a type that a reader sees."""
    return [name for name, letters in readers_of(kind).items() if reader in letters]
