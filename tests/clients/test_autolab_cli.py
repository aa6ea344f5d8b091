"""Autolab's own command-line client, as it is published, shows what the graph shows.

Runs where CAMPUSGRAPH_AUTOLAB_CLIENT names the program: built for ADDRESS, with UID and SECRET as its credentials.
"""

from __future__ import annotations

import os
import re
import subprocess
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest

from tests.clients.conftest import HANDOUT, Place, served
from tests.commands.test_serving import PATIENCE

PROGRAM = os.environ.get("CAMPUSGRAPH_AUTOLAB_CLIENT")
ADDRESS, UID, SECRET = "http://127.0.0.1:9157", "autolab-cli-under-test", "not-a-secret"
COLOUR = re.compile(r"\x1b\[\d+m")
QUERY = """{
  courseInstances { nodes { name longName } }
  courseInstance(by: { name: "sig-f24" }) {
    assessments { nodes {
      name title dueAt maxSubmissions
      problems { name maxPoints }
      assessmentInstances { nodes { submissions { nodes { scores { value isReleased problem { name } } } } } }
    } }
    enrollments { nodes { role status section lecture user { name email } } }
  }
}"""

pytestmark = pytest.mark.skipif(PROGRAM is None, reason="CAMPUSGRAPH_AUTOLAB_CLIENT names no client")


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Place]:
    folder, port = tmp_path_factory.mktemp("cli"), ADDRESS.rpartition(":")[2]
    with served(folder, "--port", port, known=(UID, SECRET)) as place:
        yield place


class Person:
    """Somebody at a command line: a home folder, and the client set up in it."""

    def __init__(self, place: Place, login: str, home: Path) -> None:
        self.place, self.login, self.home = place, login, home
        with self._started("setup") as process:
            assert process.stdin is not None
            assert process.stdout is not None
            process.stdin.write("Y\n")
            process.stdin.flush()
            lines = (COLOUR.sub("", line) for line in process.stdout)
            user_code = next(line.split()[-1] for line in lines if "enter the code" in line)
            assert "Your device is signed in" in place.approve(login, user_code)
            self.setup = "".join(lines)
            assert process.wait(PATIENCE) == 0

    def run(self, *arguments: str, folder: str = ".") -> str:
        """What a command says, on both channels."""
        with self._started(*arguments, folder=folder) as process:
            output, _ = process.communicate(timeout=PATIENCE)
        assert process.returncode == 0
        return COLOUR.sub("", output)

    def sees(self) -> Any:
        """The same in the graph."""
        return self.place.graph(self.login, QUERY)

    def lab(self) -> Any:
        return self.sees()["courseInstance"]["assessments"]["nodes"][0]

    def _started(self, *arguments: str, folder: str = ".") -> subprocess.Popen[str]:
        return subprocess.Popen(
            [str(PROGRAM), *arguments],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            cwd=self.home / folder,
            env={"HOME": str(self.home), "TZ": "UTC"},
        )


@pytest.fixture(scope="module")
def sam(place: Place, tmp_path_factory: pytest.TempPathFactory) -> Person:
    return Person(place, "sam", tmp_path_factory.mktemp("sam"))


@pytest.fixture(scope="module")
def ida(place: Place, tmp_path_factory: pytest.TempPathFactory) -> Person:
    return Person(place, "ida", tmp_path_factory.mktemp("ida"))


def rows(table: str) -> list[list[str]]:
    """The cells of a table, without its head."""
    lines = [line for line in table.splitlines() if line.startswith("|")]
    return [[cell.strip() for cell in line.strip("| ").split("|")] for line in lines[1:]]


def test_setup(sam: Person) -> None:
    assert sam.setup.endswith("Received authorization!\n\nUser setup complete.\n")
    assert sam.run("setup").startswith("User 'Sam' is currently set up on this client.\n")


def test_courses_and_assessments(sam: Person) -> None:
    found = sam.sees()
    courses = [f"  {each['name']} ({each['longName']})\n" for each in found["courseInstances"]["nodes"]]
    assert sam.run("courses") == "".join(courses)
    assessments = found["courseInstance"]["assessments"]["nodes"]
    assert sam.run("asmts", "sig-f24") == "".join(f"  {each['name']} ({each['title']})\n" for each in assessments)


def test_problems_scores_and_feedback(sam: Person) -> None:
    lab = sam.lab()
    problems = [f"{each['name']} ({each['maxPoints']:g})\n" for each in lab["problems"]]
    assert sam.run("problems", "sig-f24:lab1") == "".join(problems)
    given = shown(lab)
    assert rows(sam.run("scores", "sig-f24:lab1", "-a")) == given
    assert given[-1] == ["1", "92.5", "--"]
    assert sam.run("feedback", "sig-f24:lab1", "-v", "1") == "Well done.\nGo on.\n"


def shown(lab: Any) -> list[list[str]]:
    """The table of scores: a row for each version, the newest first."""
    [sitting] = lab["assessmentInstances"]["nodes"]
    table: list[list[str]] = []
    for version, submission in enumerate(sitting["submissions"]["nodes"], 1):
        scores = {each["problem"]["name"]: each["value"] for each in submission["scores"] if each["isReleased"]}
        cells = [
            f"{scores[name]:.1f}" if name in scores else "--" for name in (each["name"] for each in lab["problems"])
        ]
        table.insert(0, [str(version), *cells])
    return table


def test_download_and_status(sam: Person) -> None:
    assert "Handout downloaded into assessment directory\nWriteup URL: https://uni.example/lab1\n" in sam.run(
        *("download", "sig-f24:lab1")
    )
    assert (sam.home / "lab1" / "puzzle 1.h").read_bytes() == HANDOUT
    lab = sam.lab()
    due = datetime.fromisoformat(lab["dueAt"])
    assert sam.run("status", folder="lab1").splitlines()[2:] == [
        lab["title"],
        f"Due: {due:%a %b} {due.day:2} {due:%H:%M:%S %Y}",
        f"Max submissions: {lab['maxSubmissions']}",
        "Max grace days: As many as you have left",
    ]


def test_submit(sam: Person) -> None:
    (sam.home / "work").mkdir()
    assert "Creating directory" in sam.run("download", "sig-f24:lab1", folder="work")
    (sam.home / "work" / "lab1" / "hello.c").write_bytes(b"int main;\n")
    assert sam.run("submit", "hello.c", folder="work/lab1").endswith("Successfully submitted to Autolab (version 2)\n")
    (sam.home / "large.c").write_bytes(b"x" * (1 << 20))
    assert sam.run("submit", "sig-f24:lab1", "large.c").endswith("Successfully submitted to Autolab (version 3)\n")
    given = rows(sam.run("scores", "-a", folder="work/lab1"))
    assert given == shown(sam.lab())
    assert given == [["3", "--", "--"], ["2", "--", "--"], ["1", "92.5", "--"]]


def test_enroll(sam: Person, ida: Person) -> None:
    assert "User does not have instructor privileges for this course" in sam.run("enroll", "sig-f24")
    new = ("-u", "lou@uni.example", "-l", "1", "-s", "B", "-t", "student", "-v")
    assert rows(ida.run("enroll", "new", "sig-f24", *new)) == [["Lou", "lou@uni.example", "1", "B", "false", "student"]]
    ida.run("enroll", "edit", "sig-f24", "-u", "lou@uni.example", "-s", "C")
    [row] = rows(ida.run("enroll", "drop", "sig-f24", "-u", "lou@uni.example", "-v"))
    assert row == ["Lou", "lou@uni.example", "1", "C", "true", "student"]
    people = ida.sees()["courseInstance"]["enrollments"]["nodes"]
    assert {row[1]: row[2:] for row in rows(ida.run("enroll", "sig-f24"))} == {
        each["user"]["email"]: [
            *(each["lecture"] or "", each["section"] or ""),
            *(str(each["status"] == "DROPPED").lower(), each["role"].lower()),
        ]
        for each in people
    }
