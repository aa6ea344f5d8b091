"""What Autolab's command-line client sends, byte by byte as a recording of it shows, and what it must be answered."""

from __future__ import annotations

import re

import pytest

from tests.clients.conftest import HANDOUT, Place
from tests.clients.wire import Answer, exchange, fields, form, posted

COURSE = "/api/v1/courses/sig-f24"
LAB = f"{COURSE}/assessments/lab1"
INSTANT = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}[+-]\d\d:\d\d")
LONGEST_TOKEN = 120  # the client keeps both in 256 bytes
FAILED = {"error": "OAuth2 authorization failed"}


class Client:
    """One person's installed client: it asks for new tokens when it is told that the old ones fail."""

    def __init__(self, place: Place) -> None:
        self.place = place
        self.access_token = self.refresh_token = ""

    def get(self, path: str, **values: str) -> Answer:
        return self.send("GET", path, **values)

    def send(self, method: str, path: str, **values: str) -> Answer:
        """The parameters stand in the query, whatever the method."""
        query = fields(access_token=self.access_token, **values)
        return exchange(self.place.host, f"{method} {path}?{query}")

    def post(self, path: str, **values: str) -> Answer:
        return exchange(self.place.host, f"POST {path}", *posted(fields(access_token=self.access_token, **values)))

    def set_up(self, login: str) -> None:
        """The command `setup`."""
        asked = {"client_id": self.place.uid}
        started = exchange(self.place.host, f"GET /oauth/device_flow_init?{fields(**asked)}").json()
        asked["device_code"] = started["device_code"]
        assert started["verification_uri"] == self.place.address + "/activate"
        pending = exchange(self.place.host, f"GET /oauth/device_flow_authorize?{fields(**asked)}")
        assert (pending.status, pending.text) == (400, '{"error":"authorization_pending"}')
        assert "Your device is signed in" in self.place.approve(login, started["user_code"])
        found = exchange(self.place.host, f"GET /oauth/device_flow_authorize?{fields(**asked)}")
        assert found.status == 200
        self.take("authorization_code", redirect_uri=self.place.callback, code=found.json()["code"])

    def take(self, grant_type: str, **values: str) -> None:
        """Tokens for a code or for a refresh token, in a form."""
        asked = {"client_id": self.place.uid, "client_secret": self.place.secret, **values}
        answer = exchange(self.place.host, "POST /oauth/token", *posted(fields(grant_type=grant_type, **asked)))
        found = answer.json()
        assert (answer.status, found["token_type"], found["expires_in"]) == (200, "Bearer", 7200)
        self.access_token, self.refresh_token = found["access_token"], found["refresh_token"]


@pytest.fixture(scope="module")
def sam(place: Place) -> Client:
    client = Client(place)
    client.set_up("sam")
    return client


@pytest.fixture(scope="module")
def ida(place: Place) -> Client:
    client = Client(place)
    client.set_up("ida")
    return client


def test_setup(sam: Client) -> None:
    # autolab case 36
    assert max(len(sam.access_token), len(sam.refresh_token)) <= LONGEST_TOKEN
    answer = sam.get("/api/v1/user")
    assert (answer.status, answer.headers["content-type"]) == (200, "application/json; charset=utf-8")
    assert answer.json()["first_name"] == "Sam"


def test_setup_is_denied(place: Place) -> None:
    asked = {"client_id": place.uid}
    started = exchange(place.host, f"GET /oauth/device_flow_init?{fields(**asked)}").json()
    assert "<h1>Denied</h1>" in place.approve("sam", started["user_code"], _method="delete")
    answer = exchange(
        place.host, f"GET /oauth/device_flow_authorize?{fields(**asked, device_code=started['device_code'])}"
    )
    assert (answer.status, answer.json()) == (400, {"error": "authorization denied by user"})


def test_tokens_that_fail_are_refreshed(place: Place) -> None:
    # autolab case 38
    client = Client(place)
    client.set_up("sam")
    old, client.access_token = client.access_token, "cgo_over"
    answer = client.get("/api/v1/courses", state="current")
    assert (answer.status, answer.json()) == (401, FAILED)
    client.take("refresh_token", refresh_token=client.refresh_token)
    assert client.get("/api/v1/courses", state="current").status == 200
    client.access_token = old
    assert client.get("/api/v1/courses", state="current").json() == FAILED


def test_courses(sam: Client) -> None:
    # autolab case 5
    answer = sam.get("/api/v1/courses", state="current")
    assert answer.status == 200
    assert '"late_slack":0,"grace_days":3,' in answer.text
    assert [(each["name"], each["auth_level"]) for each in answer.json()] == [("sig-f24", "student")]


def test_assessments(sam: Client) -> None:
    answer = sam.get(f"{COURSE}/assessments")
    assert [(each["name"], each["display_name"]) for each in answer.json()] == [("lab1", "Lab1")]
    details = sam.get(LAB)
    found = details.json()
    for each in (*answer.json(), found):
        assert all(INSTANT.fullmatch(each[name]) for name in ("start_at", "due_at", "end_at"))
    assert (found["handout_format"], found["writeup_format"]) == ("file", "url")
    assert '"max_submissions":20,' in details.text
    assert '"max_total_score":110.0' in details.text


def test_problems(sam: Client) -> None:
    # autolab case 12
    answer = sam.get(f"{LAB}/problems")
    assert [each["name"] for each in answer.json()] == ["Part A", "Style"]
    assert re.findall(r'"max_score":([\d.]+)', answer.text) == ["100.0", "10.0"]


def test_scores_and_feedback(sam: Client) -> None:
    answer = sam.get(f"{LAB}/submissions")
    assert '"scores":{"Part A":92.5,"Style":"unreleased"}' in answer.text
    first = answer.json()[-1]
    assert (first["version"], first["filename"]) == (1, "1_handin.c")
    assert INSTANT.fullmatch(first["created_at"])
    feedback = sam.get(f"{LAB}/submissions/1/feedback", problem="Part A")
    assert (feedback.status, feedback.json()) == (200, {"feedback": "Well done.\nGo on."})


def test_people(sam: Client, ida: Client) -> None:
    people = f"{COURSE}/course_user_data"
    assert sam.get(people).status == 403
    assert {each["email"]: each["auth_level"] for each in ida.get(people).json()}["ida@uni.example"] == "instructor"
    given = {"lecture": "1 & 2", "section": "B", "dropped": "false", "auth_level": "student"}
    made = ida.post(people, **given, email="lou@uni.example")
    assert (made.status, made.json()["lecture"], made.json()["dropped"]) == (200, "1 & 2", False)
    changed = ida.send("PUT", f"{people}/lou%40uni.example", section="C", dropped="false")
    assert (changed.status, changed.json()["section"], changed.json()["lecture"]) == (200, "C", "1 & 2")
    left = ida.send("DELETE", f"{people}/lou%40uni.example")
    assert (left.status, left.json()["dropped"], left.json()["section"]) == (200, True, "C")


def test_download(sam: Client) -> None:
    # autolab case 30
    handout = sam.get(f"{LAB}/handout")
    assert (handout.status, handout.body) == (200, HANDOUT)
    assert handout.headers["Content-Disposition"].startswith('inline; filename="puzzle 1.h"')
    writeup = sam.get(f"{LAB}/writeup")
    assert (writeup.status, writeup.json()) == (200, {"url": "https://uni.example/lab1"})


def test_submit(sam: Client) -> None:
    # autolab case 16
    target = f"POST {LAB}/submit?{fields(access_token=sam.access_token)}"
    before = sam.get(f"{LAB}/submissions").json()[0]["version"]
    answer = exchange(sam.place.host, target, *form("submission[file]", "hello.c", b"int main;\n"))
    assert (answer.status, answer.text) == (200, f'{{"version":{before + 1},"filename":"{before + 1}_handin.c"}}')
    newest = sam.get(f"{LAB}/submissions").json()[0]
    assert (newest["version"], newest["scores"]) == (before + 1, {})


def test_submit_of_more_than_a_megabyte(sam: Client) -> None:
    target = f"POST {LAB}/submit?{fields(access_token=sam.access_token)}"
    headers, body = form("submission[file]", "hello.c", b"x" * (1 << 20) + b"\n")
    answer = exchange(sam.place.host, target, {**headers, "Expect": "100-continue"}, body, waits=True)
    assert (answer.status, answer.json()["filename"][1:]) == (200, "_handin.c")
