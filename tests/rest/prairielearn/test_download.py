"""Case 32: a download client, as a process, against a server, as a process; both agree with the graph."""

from __future__ import annotations

import json
import signal
import subprocess
import sys
from pathlib import Path
from typing import Any

import httpx
import pytest

from app.context import Context
from app.db.engine import create_engine
from app.db.migrate import reset_and_upgrade
from app.db.session import Database
from app.principal import SCOPES, Principal
from app.settings import Settings
from tests.clock import NOW
from tests.commands.test_serving import PATIENCE, serving, stopped
from tests.rest.prairielearn import examples
from tests.rest.prairielearn.conftest import BASE, CI
from tests.rest.prairielearn.world import fill

QUERY = """{
  courseInstance(by: { databaseId: 41 }) {
    longName
    accessRules { databaseId }
    gradebook { userId cells { assessmentId points scorePerc } }
    assessmentCategories {
      assessments { nodes {
        databaseId
        title
        gradingType
        accessRules { databaseId }
        assessmentInstances { nodes {
          databaseId
          points
          instanceQuestions { databaseId points }
          submissions { nodes { databaseId answer } }
          log { kind }
        } }
      } }
    }
  }
}"""
pytestmark = pytest.mark.anyio


async def filled(url: str) -> dict[str, str]:
    """Write the fixture into a new database; its tokens."""
    engine = create_engine(Settings(database_url=url))
    await reset_and_upgrade(engine)
    administrator = Principal(None, is_admin=True, scopes=frozenset(SCOPES))
    async with Database(engine) as db, db.transaction():
        tokens = await fill(Context(administrator, db, lambda: NOW))
    await engine.dispose()
    return tokens


def downloaded(address: str, token: str, folder: Path) -> tuple[subprocess.CompletedProcess[str], dict[str, Any]]:
    """What the client's process did, and the files that it left, by name."""
    options = {"--token": token, "--course-instance-id": "41", "--output-dir": str(folder), "--server": address + BASE}
    arguments = [each for option in options.items() for each in option]
    command = [sys.executable, "-W", "error", "-m", "tests.rest.prairielearn.download", *arguments]
    done = subprocess.run(command, capture_output=True, text=True, timeout=PATIENCE)
    return done, {path.stem: json.loads(path.read_text()) for path in sorted(folder.glob("*"))}


def asked(address: str, token: str) -> Any:
    """The same course instance by GraphQL."""
    headers = {"Authorization": f"Bearer {token}"}
    answer = httpx.post(f"{address}/graphql", json={"query": QUERY}, headers=headers, timeout=PATIENCE).json()
    assert "errors" not in answer
    return answer["data"]["courseInstance"]


def agree(files: dict[str, Any], graph: Any) -> None:
    """Asserts that the files and the graph tell the same."""
    assert files["course_instance_info"]["course_instance_long_name"] == graph["longName"]
    rules = [each["course_instance_access_rule_id"] for each in files["course_instance_access_rules"]]
    assert rules == [each["databaseId"] for each in graph["accessRules"]]
    cells = [(e["user_id"], c["assessment_id"], c["points"]) for e in files["gradebook"] for c in e["assessments"]]
    assert cells == [
        (row["userId"], c["assessmentId"], c["points"]) for row in graph["gradebook"] for c in row["cells"]
    ]
    categories = graph["assessmentCategories"]
    nodes = [n for each in categories for n in each["assessments"]["nodes"] if n["gradingType"] == "ATTEMPTS"]
    names = [(each["assessment_id"], each["title"]) for each in files["assessments"]]
    assert names == [(node["databaseId"], node["title"]) for node in nodes]
    for node in nodes:
        key, instances = node["databaseId"], node["assessmentInstances"]["nodes"]
        found = [(e["assessment_instance_id"], e["points"]) for e in files[f"assessment_{key}_instances"]]
        assert found == [(each["databaseId"], each["points"]) for each in instances]
        rules = [each["assessment_access_rule_id"] for each in files[f"assessment_{key}_access_rules"]]
        assert rules == [each["databaseId"] for each in node["accessRules"]]
        for each in instances:
            agree_on_work(files, each)


def agree_on_work(files: dict[str, Any], instance: Any) -> None:
    """Asserts that the files and the graph tell the same of an assessment instance."""
    questions, submissions, log = (
        files[f"assessment_instance_{instance['databaseId']}_{part}"]
        for part in ("instance_questions", "submissions", "log")
    )
    states = [(each["instance_question_id"], each["instance_question_points"]) for each in questions]
    assert states == [(each["databaseId"], each["points"]) for each in instance["instanceQuestions"]]
    answers = {each["databaseId"]: each["answer"] for each in instance["submissions"]["nodes"]}
    assert {each["submission_id"] for each in submissions} == set(answers)
    for each in submissions:
        if "_files" not in each["submitted_answer"]:
            assert each["submitted_answer"] == answers[each["submission_id"]]
    assert len(log) == len(instance["log"])


# prairielearn case 32
async def test_the_download_client(tmp_path: Path) -> None:
    url = f"sqlite+aiosqlite:///{tmp_path / 'served.sqlite3'}"
    tokens = await filled(url)
    with serving("--database-url", url) as (process, _, address):
        done, files = downloaded(address, tokens["OWNER"], tmp_path / "downloads")
        assert (done.returncode, done.stderr) == (0, "")
        assert sorted(files) == [
            "assessment_7_access_rules",
            "assessment_7_instances",
            "assessment_8_access_rules",
            "assessment_8_instances",
            "assessment_instance_31_instance_questions",
            "assessment_instance_31_log",
            "assessment_instance_31_submissions",
            "assessments",
            "course_instance_access_rules",
            "course_instance_info",
            "gradebook",
        ]
        agree(files, asked(address, tokens["OWNER"]))
        assert files["course_instance_info"] == examples.COURSE_INSTANCE
        assert files["assessment_7_instances"] == [examples.INSTANCE]
        assert examples.SUBMISSION in files["assessment_instance_31_submissions"]
        refused, nothing = downloaded(address, tokens["STUD"], tmp_path / "nothing")
        assert (refused.returncode, nothing) == (1, {})
        assert "HTTP Error 403: Forbidden" in refused.stderr
        probe(address, tokens["OWNER"])
        assert stopped(process, signal.SIGTERM) == (0, "", "")


def probe(address: str, token: str) -> None:
    """Asserts what only a real server shows: HEAD has a length and no body, no success is chunked, junk is no error."""
    headers = {"Private-Token": token}
    head, get = (httpx.request(method, address + BASE + CI, headers=headers) for method in ("HEAD", "GET"))
    assert (head.status_code, head.content) == (200, b"")
    assert head.headers["content-length"] == get.headers["content-length"] == str(len(get.content))
    assert "transfer-encoding" not in get.headers
    for path in ("/%00", "/%0A", "/course_instances/41%0A", "/" + "9" * 5000, "/%ff%fe"):
        assert httpx.get(address + BASE + path, headers=headers).status_code == 404
        assert httpx.get(address + BASE + path).status_code == 401
