"""Writes of assessments and of what they are made of."""

from __future__ import annotations

import strawberry

from app.domain.assessments import access, documents, grouping, problems, questions, service, subsections
from app.domain.files import NewFile
from schema.assessments.types import (
    Assessment,
    AssessmentAccessRule,
    AssessmentCategory,
    AssessmentExtension,
    AssessmentFile,
    Problem,
)
from schema.blocks.types import Block
from schema.core.inputs import Shape, key, parts, renamed
from schema.core.mutations import deletes, mutation

GRADED = key(Block, "The block that is graded by it.")
MARKED = key(Block, "The block that it marks.")
RULE = Shape(
    "AssessmentAccessRuleInput",
    access.AccessRule,
    AssessmentAccessRule,
    "When an assessment may be worked on, by whom, and for how much credit. Null is no condition.",
    credit="Percent of the points; null or 0: only to look at.",
    password="What must be entered to start.",
    exam_uuid="The reserved examination it is for.",
    uids="The people it is for.",
)
CHOICE = Shape(
    "ChoiceInput",
    questions.Choice,
    None,
    "What may be chosen or matched.",
    id="1 to 64 letters and digits, unique in the question.",
    text="What is shown.",
)
FILE = Shape(
    "FileInput",
    NewFile,
    AssessmentFile,
    "A file: its content of at most 1 MiB, or one that you uploaded.",
    name="Name, unique among the files; of a path the last part.",
    content=renamed("contents", "The content."),
    content_type="Media type.",
    sha256="SHA-256, in hexadecimal, of a file that you sent to `/files` within a day, instead of the content.",
)
MAX_POINTS = "Points that are 100 %; where it has problems of its own, their sum and not to be changed."


@strawberry.type
class Mutations:
    """Fields of the mutation root. Who may, unless it is said: instructors, who edits the course, administrators."""

    create_assessment_category = mutation(
        service.create_category,
        AssessmentCategory,
        "Make a family of assessments. Instructors, editors and owners of the course, administrators.",
        heading="Heading over its assessments; the name when absent.",
        number="Position among the categories, from 1; the last when absent.",
    )
    create_assessment = mutation(
        service.create_assessment,
        Assessment,
        "Make an assessment. Instructors, editors and owners of the course, administrators.",
        number="Number in its category, as text; the next when absent.",
        position="Place in its category; the last when absent.",
        max_points=MAX_POINTS,
        block_id=GRADED,
    )
    update_assessment = mutation(
        service.update_assessment,
        Assessment,
        "Change an assessment. Grades follow a new maximum at once, all else when they are recomputed. "
        "Instructors, editors and owners of the course, administrators.",
        max_points=MAX_POINTS,
        block_id=GRADED,
    )
    set_assessment_writeup = mutation(
        documents.set_assessment_writeup,
        Assessment,
        "Say what describes an assessment, in place of what did: an address, a file or, with neither, nothing. "
        "Instructors, editors and owners of the course, administrators.",
        url="The address.",
        file=parts(FILE, "The file. Its name tells the media type when nothing else does."),
    )
    set_assessment_handout = mutation(
        documents.set_assessment_handout,
        Assessment,
        "Say what learners start from, in place of what they did: an address, a file or, with neither, nothing. "
        "Instructors, editors and owners of the course, administrators.",
        url="The address.",
        file=parts(FILE, "The file. Its name tells the media type when nothing else does."),
    )
    delete_assessment = mutation(
        service.delete_assessment,
        Assessment,
        "Hide an assessment, all work and all grades of it, for good. "
        "Instructors, editors and owners of the course, administrators.",
        gives=deletes(Assessment),
        only_if_empty="Whether one with grades stays.",
    )
    set_assessment_groups = mutation(
        grouping.set_assessment_groups,
        Assessment,
        "Say in how large groups an assessment is done; it gets a group set if it has none. "
        "Instructors, administrators.",
        max_size="How many members a group may have; 1: it is done alone.",
        is_self_assigned="Whether learners make and choose groups themselves.",
    )
    set_assessment_access_rules = mutation(
        access.set_assessment_access_rules,
        Assessment,
        "Replace the rules of when it may be worked on. Instructors, editors and owners of the course, administrators.",
        rules=parts(RULE, "All rules, in the order in which they are numbered."),
    )
    grant_extension = mutation(
        access.grant_extension,
        AssessmentExtension,
        "Give a learner more time, in place of an earlier extension. Instructors, administrators.",
        due_at="The learner's own due date; null: the assessment's, and time without end when `endAt` is null too.",
        end_at="The learner's own end; null: the assessment's, and time without end when `dueAt` is null too.",
    )
    assess_block = mutation(
        subsections.assess_block,
        Assessment,
        "Grade a block: it becomes an assessment, the problems below it become the assessment's. "
        "Again: they follow the blocks. Instructors, editors and owners of the course, administrators.",
        block_id=key(Block, "The block."),
    )
    create_problem = mutation(
        problems.create_problem,
        Problem,
        "Add a problem to an assessment, whose maximum grows. "
        "Instructors, editors and owners of the course, administrators.",
        number="Position in the assessment, from 1; the last when absent.",
        block_id=MARKED,
    )
    update_problem = mutation(
        problems.update_problem,
        Problem,
        "Change a problem. Scores stay; grades follow when they are recomputed. "
        "Instructors, editors and owners of the course, administrators.",
        block_id=MARKED,
    )
    add_question = mutation(
        questions.add_question,
        Problem,
        "Make a question that a rule scores in the course's bank, and place it as a problem of an assessment. "
        "Instructors, editors and owners of the course, administrators.",
        kind="How it is answered: not FILES, not EXTERNAL.",
        prompt="What is asked.",
        correct_answer="The id of a choice or a list of them; a boolean; a number; a text, or a list of texts that are "
        "accepted; an object from the id of each choice to that of its match.",
        choices=parts(CHOICE, "What may be chosen; of a matching question what is to be matched."),
        matches=parts(CHOICE, "Of a matching question, what the choices are matched with."),
        tolerance="How far a number may be off.",
        number="Position in the assessment, from 1; the last when absent.",
    )
