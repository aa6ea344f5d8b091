"""Computer Systems: labs with named problems, marked by program and by hand, and a project in teams."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from sqlalchemy import select

from app.demo.calendar import AUTUMN_2026, FRIDAY, MONDAY, SATURDAY, SUNDAY, TUESDAY, WEDNESDAY
from app.demo.chance import between, lot, pick
from app.demo.learners import Window, begin, quality
from app.demo.names import DOMAIN, STAR
from app.demo.offerings import people_of
from app.demo.papers import read_paper
from app.demo.plans import Part, Plan, set_assessments
from app.demo.reviews import remark, review
from app.demo.stage import Scene, Stage, scene
from app.demo.versions import Version, hand_in_version
from app.domain.assessments.access import grant_extension
from app.domain.assessments.documents import set_assessment_handout, set_assessment_writeup
from app.domain.assessments.models import ScoringModel
from app.domain.attempts.files import NewFile
from app.domain.attempts.models import AssessmentInstance, Submission
from app.domain.attempts.service import start_assessment_instance
from app.domain.attempts.submitting import submit
from app.domain.catalog.models import PenaltyUnit
from app.domain.grades.service import NewScore, release_scores, score_problems
from app.domain.groups.service import add_group_member, create_group, create_group_set

PLACE, TEACHER, ASSISTANT = "sys213-f26", "tmansour", "praman"
DROPPED = "ykim"
TEAMS = (
    "Bash Bandits",
    "Core Dump",
    "Dining Philosophers",
    "Fork Lift",
    "Grep Squad",
    "Null Terminators",
    "Pipe Dream",
)
OTHERS = tuple(name for name in people_of(PLACE) if name not in (DROPPED, STAR))
PEOPLE = (OTHERS[0], STAR, *OTHERS[1:])
MEMBERS = {team: PEOPLE[number :: len(TEAMS)][: 3 if team == TEAMS[-1] else 4] for number, team in enumerate(TEAMS)}
PUZZLES = ("x & y", "~(~x | ~y)", "x ^ (x >> 31)", "!!x", "(x << 1) | 1")


def _lab(number: int, title: str, weeks: tuple[int, int], parts: tuple[Part, ...], about: str) -> Plan:
    first, last = weeks
    details: dict[str, Any] = {
        "start_at": AUTUMN_2026.at(first, MONDAY, "08:00"),
        "due_at": AUTUMN_2026.at(last, FRIDAY, "23:59"),
        "end_at": AUTUMN_2026.at(last + 1, SUNDAY, "23:59"),
        "scoring_model": ScoringModel.LAST,
        "max_submissions": 5,
        "max_unpenalized_submissions": 2,
        "max_grace_days": 2,
        "max_size_mb": 4,
        "handin_filename": "handin.tar",
        "has_autograder": True,
        "has_scoreboard": number == 1,
        "writeup_url": f"https://courses.{DOMAIN}/sys213/lab{number:02}.html",
        "handout_url": f"https://courses.{DOMAIN}/sys213/lab{number:02}.tar",
        "weight": 15.0,
        "module": "Labs",
        "description": about,
    }
    return Plan(f"lab{number:02}", title, "L", parts, details=details)


def _by_hand(points: float, **details: Any) -> dict[str, Any]:
    return {"max_manual_points": points, **details}


LABS = (
    _lab(
        1,
        "Data Lab",
        (2, 4),
        (
            Part("Bits", 30.0, details={"description": "Fifteen puzzles with bitwise operators."}),
            Part("Performance", 20.0, details={"description": "How few operators you need."}),
            Part("Style", 10.0, details=_by_hand(10.0, description="Comments and names.")),
        ),
        "Rewrite functions with nothing but bitwise operators.",
    ),
    _lab(
        2,
        "Bomb Lab",
        (6, 9),
        (
            Part("Phases", 60.0, details={"description": "Ten points for each phase that is defused."}),
            Part("Notes", 10.0, details=_by_hand(10.0, description="How you found each string.")),
            Part(
                "Secret phase", 5.0, details={"is_optional": True, "is_starred": True, "description": "If you find it."}
            ),
        ),
        "Defuse a program that you have only in machine code.",
    ),
    _lab(
        3,
        "Cache Lab",
        (10, 13),
        (
            Part("Simulator", 40.0, details={"description": "Hits, misses and evictions must match the reference."}),
            Part("Transpose", 40.0, details={"description": "Fewer misses, more points."}),
        ),
        "Write a cache simulator, then a transposition that misses seldom.",
    ),
)


async def prepare(stage: Stage) -> None:
    """The labs; the first is described, and handed out, in files."""
    await set_assessments(stage, TEACHER, PLACE, "SYS213", LABS)
    ctx, key = stage.acting(TEACHER), stage.cast.assessments[PLACE, "lab01"]
    puzzles = "".join(f"int puzzle{number}(int x, int y); /* {each} */\n" for number, each in enumerate(PUZZLES, 1))
    about = f"# {LABS[0].title}\n\n{LABS[0].details['description']} Hand in `bits.c`.\n"
    await set_assessment_writeup(ctx, assessment_id=key, file=NewFile("lab01.md", about.encode()))
    await set_assessment_handout(ctx, assessment_id=key, file=NewFile("bits.h", puzzles.encode()))


async def make_teams(stage: Stage) -> None:
    """Teams made by the instructor, the last one short of a member, and their project."""
    ctx, cast = stage.acting(TEACHER), stage.cast
    here = cast.course_instances[PLACE]
    teams = await create_group_set(ctx, course_instance_id=here, name="Shell teams", min_size=3, max_size=4)
    for team, members in MEMBERS.items():
        user_ids = [cast.people[name] for name in members]
        cast.groups[team] = await create_group(ctx, group_set_id=teams, name=team, user_ids=user_ids)
    plan = Plan(
        "shell",
        "A shell of your own",
        "P",
        (
            Part("Functionality", 60.0, details={"description": "Jobs, signals, pipes."}),
            Part("Report", 40.0, details=_by_hand(40.0, description="Two pages on what was hard.")),
        ),
        details={
            "start_at": AUTUMN_2026.at(8, MONDAY, "08:00"),
            "due_at": AUTUMN_2026.at(11, FRIDAY, "23:59"),
            "end_at": AUTUMN_2026.at(12, FRIDAY, "23:59"),
            "group_set_id": teams,
            "scoring_model": ScoringModel.LAST,
            "weight": 25.0,
            "module": "Project",
            "max_submissions": 10,
            "late_penalty": 5.0,
            "late_penalty_unit": PenaltyUnit.POINTS,
            "version_penalty": 2.0,
            "version_penalty_unit": PenaltyUnit.PERCENT,
            "description": "In teams: a small shell with job control.",
        },
    )
    await set_assessments(stage, TEACHER, PLACE, "SYS213", (plan,))


async def move(stage: Stage) -> None:
    """A learner leaves the first team for the last one."""
    mover = stage.cast.people[MEMBERS[TEAMS[0]][0]]
    await add_group_member(stage.acting(TEACHER), group_id=stage.cast.groups[TEAMS[-1]], user_id=mover)


async def hand_in_shells(stage: Stage, version: int) -> None:
    """One member of each team hands a version in, in turns; not every team has a second one."""
    first = stage.now - timedelta(days=5)
    moments = {team: between(first, stage.now, "shell", version, team) for team in TEAMS[: 9 - 2 * version]}
    for team, moment in sorted(moments.items(), key=lambda each: each[1]):
        member = stage.at(moment).acting(MEMBERS[team][version])
        key = await start_assessment_instance(member, assessment_id=stage.cast.assessments[PLACE, "shell"])
        text = f"/* {team}, version {version} */\nint main(void) {{ return run_shell(); }}\n"
        report = f"# Report of {team}\n\nSignals were hard.\n"
        files = [NewFile("shell.c", text.encode(), "text/x-c"), NewFile("report.md", report.encode(), "text/markdown")]
        await submit(member, assessment_instance_id=key, files=files)


async def mark_shells(stage: Stage) -> None:
    """The assistant marks five teams, and shows the marks to three of them."""
    ctx, paper = stage.acting(ASSISTANT), await read_paper(stage, PLACE, "shell")
    works, report = paper.asked("Functionality"), paper.asked("Report")
    for number, team in enumerate(TEAMS[:5]):
        level = quality(team, "shell")
        own = AssessmentInstance.group_id == stage.cast.groups[team]
        latest = (
            select(Submission.id)
            .join(AssessmentInstance, AssessmentInstance.id == Submission.assessment_instance_id)
            .where(own, AssessmentInstance.assessment_id == paper.id)
            .order_by(Submission.number.desc())
        )
        scores = [
            NewScore(works.id, round(60 * level), feedback_data={"jobs": level > 0.5, "pipes": level > 0.7}),
            NewScore(report.id, round(40 * level), round(40 * level), feedback=remark(level, team)),
        ]
        submission_id = await stage.db.scalar(latest.limit(1))
        await score_problems(ctx, submission_id=submission_id, scores=scores, release=number < 3)


async def extend(stage: Stage) -> None:
    """A learner with a broken arm may hand in until the end, another a week later than all."""
    ctx, key = stage.acting(TEACHER), stage.cast.assessments[PLACE, "lab02"]
    people = stage.cast.people
    await grant_extension(ctx, assessment_id=key, user_id=people["afoster"])
    later = AUTUMN_2026.at(10, FRIDAY, "23:59")
    await grant_extension(ctx, assessment_id=key, user_id=people[STAR], due_at=later)


async def show_notes(stage: Stage) -> None:
    """The instructor shows the marks for the notes of the bomb lab to half of the learners, section by section."""
    key = stage.cast.assessments[PLACE, "lab02"]
    paper = await read_paper(stage, PLACE, "lab02")
    half = [stage.cast.people[name] for name in people_of(PLACE) if lot("half", name) < 0.5]
    ctx = stage.acting(TEACHER)
    await release_scores(ctx, assessment_id=key, problem_ids=[paper.asked("Notes").id], user_ids=half)


def _sources(username: str, number: int) -> tuple[NewFile, ...]:
    lines = [f"/* {username}, version {number} */"]
    lines += [f"int puzzle{n}(int x, int y) {{ return {pick(PUZZLES, username, n)}; }}" for n in range(1, 4)]
    return (NewFile("bits.c", "\n".join([*lines, ""]).encode(), "text/x-c"),)


def _solution(username: str, number: int) -> tuple[NewFile, ...]:
    strings = [pick(("moon", "2 4 8 16", "7 b 524", "drizzle"), username, n) for n in range(number + 1)]
    notes = f"Phase 1: disassembled {number} times, then guessed.\n"
    return (
        NewFile("solution.txt", "\n".join([*strings, ""]).encode(), "text/plain"),
        NewFile("notes.md", notes.encode(), "text/markdown"),
    )


def _archive(username: str, number: int) -> tuple[NewFile, ...]:
    text = f"/* cache of {username}, attempt {number} */\nstruct line {{ int valid; long tag; }};\n"
    return (NewFile("csim.c", text.encode(), "text/x-c"),)


def _window(week: int, day: int, last_week: int, last_day: int, clock: str = "22:00") -> Window:
    return Window(AUTUMN_2026.at(week, day, "08:00"), AUTUMN_2026.at(last_week, last_day, clock))


def _begin(name: str, window: Window, share: float) -> Scene:
    return scene(window.last, begin, place=PLACE, name=name, usernames=people_of(PLACE), window=window, share=share)


def _version(name: str, version: Version) -> Scene:
    return scene(version.window.last + timedelta(hours=1), hand_in_version, place=PLACE, name=name, version=version)


DATA, BOMB = ("Bits", "Performance"), ("Phases", "Secret phase")
SCENES = (
    Scene(AUTUMN_2026.at(0, FRIDAY, "11:00"), prepare),
    _begin("lab01", _window(2, TUESDAY, 2, SUNDAY), 0.95),
    _version("lab01", Version(1, _window(3, MONDAY, 3, SUNDAY), DATA, late=False, files=_sources)),
    _version("lab01", Version(2, _window(4, MONDAY, 4, FRIDAY), DATA, 0.6, late=False, files=_sources)),
    _version("lab01", Version(1, _window(4, SATURDAY, 5, SUNDAY, "20:00"), DATA, late=True, files=_sources)),
    scene(AUTUMN_2026.at(6, TUESDAY, "16:00"), review, grader=ASSISTANT, place=PLACE, name="lab01", problem="Style"),
    _begin("lab02", _window(6, TUESDAY, 6, SUNDAY), 0.95),
    _version("lab02", Version(1, _window(7, MONDAY, 7, SUNDAY), BOMB, late=False, files=_solution)),
    Scene(AUTUMN_2026.at(8, MONDAY, "10:00"), make_teams),
    Scene(AUTUMN_2026.at(8, FRIDAY, "10:00"), move),
    _version("lab02", Version(2, _window(8, MONDAY, 8, SUNDAY), BOMB, 0.7, late=False, files=_solution)),
    Scene(AUTUMN_2026.at(9, MONDAY, "09:30"), extend),
    _version("lab02", Version(3, _window(9, TUESDAY, 9, FRIDAY), BOMB, 0.4, late=False, files=_solution)),
    _version("lab02", Version(1, _window(9, SATURDAY, 10, SUNDAY, "20:00"), BOMB, late=True, files=_solution)),
    scene(AUTUMN_2026.at(10, MONDAY, "12:00"), hand_in_shells, version=1),
    scene(
        AUTUMN_2026.at(11, TUESDAY, "16:00"),
        review,
        grader=ASSISTANT,
        place=PLACE,
        name="lab02",
        problem="Notes",
        share=0.8,
        release=False,
    ),
    Scene(AUTUMN_2026.at(11, WEDNESDAY, "17:00"), show_notes),
    _begin("lab03", _window(10, TUESDAY, 10, SUNDAY), 0.8),
    scene(AUTUMN_2026.at(11, FRIDAY, "20:00"), hand_in_shells, version=2),
    _version(
        "lab03",
        Version(1, _window(11, MONDAY, 11, SUNDAY), ("Simulator",), 0.6, release=False, files=_archive),
    ),
    Scene(AUTUMN_2026.at(12, MONDAY, "11:00"), mark_shells),
    _version("lab03", Version(2, _window(12, MONDAY, 12, MONDAY, "13:00"), (), 0.4, files=_archive)),
)
