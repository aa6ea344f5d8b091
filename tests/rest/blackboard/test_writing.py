"""The acceptance cases of contracts/blackboard.md that write, and what is read afterwards, here and in the graph."""

from __future__ import annotations

from typing import Any

import pytest

from app.domain.identity.passwords import find_by_password
from tests.answers import uncounted
from tests.rest.blackboard.conftest import GRADEBOOK, A, Blackboard, P

pytestmark = pytest.mark.anyio

TOTAL = '{"running":"true","all":{"average":"false"}}'
SUM = '{"total":{"elements":[{"alias":"A"}]}}'
INSTANT = "2024-11-15T12:00:00.000Z"
QUERY = "query ($id: Int!) { assessment(by: {databaseId: $id}) { title columnGrades { nodes { points feedback } } } }"


async def test_a_grade_is_set(bb: Blackboard) -> None:  # blackboard case 25
    before = (await bb.body(bb.column("M") + "/users/lastChanged"))["changeIndex"]
    path = f"{bb.column('M')}/users/{bb.id('S1')}"
    written = await bb.body(path, method="PATCH", json={"score": 87.5, "feedback": "ok", "status": "?", "id": 7})
    assert written["changeIndex"] > before
    assert (written["score"], written["feedback"], written["displayGrade"]["score"]) == (87.5, "ok", 87.5)
    assert written["overridden"].endswith("Z")
    assert await bb.body(bb.column("M") + "/users/lastChanged") == written
    assert await bb.results(f"{bb.column('M')}/users?changeIndex={before}") == [written]


async def test_a_grade_is_cleared_or_refused(bb: Blackboard) -> None:  # blackboard case 26
    path = f"{bb.column('M')}/users/{bb.id('S1')}"
    before = await bb.body(path)
    wrong: list[Any] = ["abc", True, {}, [], -1]
    for score in wrong:
        assert (await bb.refusal(path, method="PATCH", json={"score": score}))[0] == 400
    assert await bb.body(path) == before
    cleared = await bb.body(path, method="PATCH", json={"score": None})
    assert {"score", "text", "overridden", "displayGrade"} & set(cleared) == set()
    assert cleared["changeIndex"] > before["changeIndex"]
    assert await bb.body(bb.column("M") + "/users/lastChanged") == cleared


@pytest.mark.parametrize(
    ("sent", "score"),
    [({"text": "12.5"}, 12.5), ({"text": "-"}, None), ({"text": ""}, None), ({"text": "9", "score": 8}, 8)],
)
async def test_a_grade_as_text(bb: Blackboard, sent: dict[str, Any], score: float | None) -> None:
    written = await bb.body(f"{bb.column('M')}/users/{bb.id('S2')}", method="PATCH", json=sent)
    assert written.get("score") == score


async def test_remarks_and_an_exemption(bb: Blackboard) -> None:
    path = f"{bb.column('N')}/users/{bb.id('S2')}"
    assert await bb.body(path, method="PATCH", json={}) == {"userId": bb.id("S2"), "columnId": bb.id("N")}
    first = await bb.body(path, method="PATCH", json={"notes": "late", "exempt": True})
    assert (first["notes"], first["exempt"], "score" in first) == ("late", True, False)
    second = await bb.body(path, method="PATCH", json={"exempt": False})
    assert (second["exempt"], second["changeIndex"] > first["changeIndex"]) == (False, True)
    assert (await bb.refusal(path, method="PATCH", json={"text": "A+"}))[0] == 400
    assert (await bb.body(path))["changeIndex"] == second["changeIndex"]


async def test_what_is_written_is_read_in_the_graph(bb: Blackboard) -> None:
    path = f"{bb.column('N')}/users/{bb.id('S3')}"
    await bb.body(path, "I", "PATCH", json={"score": 3, "feedback": "so"})
    sent = {"query": QUERY, "variables": {"id": bb.filled.keys["N"]}}
    headers = {"Authorization": f"Bearer {bb.filled.tokens['I']}"}
    found = uncounted(await bb.client.post("/graphql", json=sent, headers=headers))
    grades = {"nodes": [{"points": 3.0, "feedback": "so"}]}
    assert found == {"data": {"assessment": {"title": "Column N", "columnGrades": grades}}}


async def test_a_new_column(bb: Blackboard) -> None:  # blackboard case 28
    new = {"name": "X", "score": {"possible": 5}, "grading": {"type": "Manual", "due": "2024-11-15T14:00:00+02:00"}}
    made = await bb.body(GRADEBOOK + "/columns", method="POST", status=201, json={**new, "externalId": "x1"})
    assert (made["name"], made["score"], made["externalId"]) == ("X", {"possible": 5}, "x1")
    assert made["grading"] == {"type": "Manual", "due": INSTANT}
    assert await bb.body(f"{GRADEBOOK}/columns/externalId:x1") == made
    again = await bb.refusal(GRADEBOOK + "/columns", method="POST", json={**new, "externalId": "x1"})
    assert again[0] == 409
    for wrong in ({"grading": {"type": "Manual"}}, {"name": "Y"}, {"name": "Y", "grading": {"type": "Magic"}}):
        assert (await bb.refusal(GRADEBOOK + "/columns", method="POST", json=wrong))[0] == 400
    assert len(await bb.results(GRADEBOOK + "/columns")) == 5
    second = {**new, "grading": {"type": "Attempts", "attemptsAllowed": 3, "scoringModel": "Highest"}}
    made = await bb.body(GRADEBOOK + "/columns?fields=grading", method="POST", status=201, json=second)
    assert made == {"grading": {"type": "Attempts", "attemptsAllowed": 3, "scoringModel": "Highest"}}


async def test_a_calculated_column_is_made_with_its_formula(bb: Blackboard) -> None:  # blackboard case 28
    new = {"name": "Sum", "grading": {"type": "Calculated"}}
    assert await bb.refusal(GRADEBOOK + "/columns", method="POST", json=new) == (
        400,
        "formula: a calculated column needs a formula",
    )
    for refused in ({"formula": "A+B"}, {"formula": 7}, {"formula": TOTAL, "aliases": []}):
        assert (await bb.refusal(GRADEBOOK + "/columns", method="POST", json={**new, "formula": refused}))[0] == 400
    wrong = {"name": "Talk", "grading": {"type": "Manual"}, "formula": {"formula": TOTAL}}
    assert (await bb.refusal(GRADEBOOK + "/columns", method="POST", json=wrong))[0] == 400
    assert len(await bb.results(GRADEBOOK + "/columns")) == 4
    formula = {"formula": SUM, "aliases": {"A": f"column:{bb.id('M')}"}}
    made = await bb.body(GRADEBOOK + "/columns", "I", "POST", 201, json={**new, "formula": formula})
    assert (made["formula"], made["grading"]) == (formula, {"type": "Calculated"})
    path = f"{GRADEBOOK}/columns/{made['id']}"
    grades = await bb.results(path + "/users")
    assert [each["displayGrade"]["score"] for each in grades] == [1, 2, 3, 4, 5, 6, 7, 8, 9, 0]
    changed = await bb.body(path, method="PATCH", json={"formula": {"aliases": {"A": bb.id("T")}}})
    assert changed["formula"] == {"formula": SUM, "aliases": {"A": bb.id("T")}}
    assert (await bb.refusal(path, method="PATCH", json={"name": "?", "formula": {"formula": "?"}}))[0] == 400
    assert await bb.body(path) == changed


async def test_a_category_is_made_with_the_column_or_not_at_all(bb: Blackboard) -> None:
    new: dict[str, Any] = {"name": "X", "grading": {"type": "Calculated"}, "formula": {"formula": "?"}}
    assert (await bb.refusal(GRADEBOOK + "/columns", method="POST", json=new))[0] == 400
    assert [each["title"] for each in await bb.results(A + "/gradebook/categories")] == ["Quiz", "Essay"]
    new["grading"] = {"type": "Manual"}
    del new["formula"]
    made = await bb.body(GRADEBOOK + "/columns", method="POST", status=201, json=new)
    again = await bb.body(GRADEBOOK + "/columns", method="POST", status=201, json=new)
    found = await bb.results(A + "/gradebook/categories")
    assert [each["title"] for each in found] == ["Quiz", "Essay", "Columns"]
    assert (made["gradebookCategoryId"], again["gradebookCategoryId"]) == (found[2]["id"], found[2]["id"])


async def test_a_new_maximum_of_an_attempted_column(bb: Blackboard) -> None:
    new = {"name": "Essay", "score": {"possible": 10}, "grading": {"type": "Attempts"}}
    path = f"{GRADEBOOK}/columns/" + (await bb.body(GRADEBOOK + "/columns", method="POST", status=201, json=new))["id"]
    attempt = await bb.body(path + "/attempts", "S1", "POST", 201, json={"studentSubmission": "So."})
    marked = {"score": 8, "status": "Completed"}
    await bb.body(f"{path}/attempts/{attempt['id']}", method="PATCH", json=marked)
    changed = await bb.body(path, method="PATCH", json={"score": {"possible": 20}})
    assert changed["score"] == {"possible": 20}
    (grade,) = await bb.results(path + "/users")
    assert grade["displayGrade"] == {"scaleType": "Score", "score": 8, "possible": 20}
    refused = await bb.refusal(bb.column("T"), method="PATCH", json={"score": {"possible": 20}})
    assert refused == (400, "maxPoints: the maximum is the sum of the problems")


async def test_a_column_is_changed(bb: Blackboard) -> None:
    changes = {"name": "Midterm", "score": {"possible": 80}, "grading": {"due": INSTANT, "type": "Attempts"}}
    written = await bb.body(bb.column("M"), method="PATCH", json={**changes, "created": "x"})
    assert (written["name"], written["score"]) == ("Midterm", {"possible": 80})
    assert written["grading"] == {"type": "Manual", "due": INSTANT}
    assert await bb.body(bb.column("M")) == written
    for wrong in ({"score": 7}, {"score": {"possible": "x"}}, {"gradebookCategoryId": "Q"}, {"name": None}):
        assert (await bb.refusal(bb.column("M"), method="PATCH", json=wrong))[0] == 400
    assert await bb.body(bb.column("M")) == written


async def test_a_column_is_deleted(bb: Blackboard) -> None:  # blackboard case 29
    assert (await bb.refusal(bb.column("M") + "?onlyIfEmpty=true", method="DELETE"))[0] == 409
    for query in ("?onlyIfEmpty=true", ""):
        name = "N" if query else "M"
        response = await bb.send("DELETE", bb.column(name) + query, content=b"{}")
        assert (response.status_code, response.content) == (200, b"")
        assert (await bb.refusal(bb.column(name)))[0] == 404


async def test_memberships(bb: Blackboard) -> None:
    path = f"{A}/users/{bb.id('STRANGER')}"
    assert (await bb.refusal(path))[0] == 404
    made = await bb.body(path, method="PUT", status=201)
    assert (made["courseRoleId"], made["availability"], made["userId"]) == (
        "Student",
        {"available": "Yes"},
        bb.id("STRANGER"),
    )
    assert (await bb.refusal(path, method="PUT", json={}))[0] == 409
    changed = await bb.body(path, method="PATCH", json={"courseRoleId": "TeachingAssistant"})
    assert (changed["courseRoleId"], changed["id"]) == ("TeachingAssistant", made["id"])
    assert (await bb.refusal(path, method="PATCH", json={"courseRoleId": "Dean"}))[0] == 400
    await bb.body(path, method="PATCH", json={"courseRoleId": "Student"})
    response = await bb.send("DELETE", path)
    assert (response.status_code, response.content) == (204, b"")
    assert (await bb.body(path))["availability"] == {"available": "Disabled"}


async def test_courses_are_merged_and_separated(bb: Blackboard) -> None:
    path = f"{P}/children/"
    assert (await bb.refusal(path + bb.id("K1"), method="PUT"))[0] == 409
    assert (await bb.refusal(path + bb.id("P"), method="PUT"))[0] == 400
    assert (await bb.refusal(f"/v1/courses/{bb.id('K1')}/children/{bb.id('D')}", method="PUT"))[0] == 400
    assert (await bb.refusal(path + bb.id("A"), method="PUT"))[0] == 409
    made = await bb.body(path + bb.id("D"), method="PUT", status=201)
    assert (made["id"], made["parentId"]) == (bb.id("D"), bb.id("P"))
    assert (await bb.send("DELETE", path + bb.id("D"))).status_code == 204
    assert (await bb.refusal(path + bb.id("D"), method="DELETE"))[0] == 404
    assert len(await bb.results(P + "/children")) == 2


async def test_a_course_is_changed_and_deleted(bb: Blackboard) -> None:
    path = "/v3/courses/courseId:CHEM1"
    changes = {"name": "Chemistry", "availability": {"available": "Yes"}, "courseId": "OTHER"}
    changed = await bb.body(path, method="PATCH", json=changes)
    assert (changed["name"], changed["availability"]["available"], changed["courseId"]) == ("Chemistry", "Yes", "CHEM1")
    assert (await bb.refusal(path, method="PATCH", json={"externalId": "SIS-BIO101"}))[0] == 409
    assert (await bb.refusal(path, method="PATCH", json={"availability": {"available": "Perhaps"}}))[0] == 400
    response = await bb.send("DELETE", path)
    assert (response.status_code, response.content) == (202, b"")
    assert (await bb.refusal(path))[0] == 404


async def test_people(bb: Blackboard) -> None:
    new = {
        "userName": "newton",
        "password": "secret words",
        "name": {"given": "Isaac", "family": "Newton"},
        "studentId": "9",
    }
    made = await bb.body(
        "/v1/users", method="POST", status=201, json={**new, "contact": {"email": "newton@uni.example"}}
    )
    assert (made["userName"], made["name"]["family"], made["contact"]) == (
        "newton",
        "Newton",
        {"email": "newton@uni.example"},
    )
    assert "secret" not in str(made)
    for form in (
        "userName:newton",
        "studentId:9",
        "email:newton@uni.example",
        f"uuid:{made['uuid']}",
        "externalId:newton",
    ):
        assert (await bb.body(f"/v1/users/{form}"))["id"] == made["id"]
    assert [each["id"] for each in await bb.results("/v1/users?name.family=NEWT")] == [made["id"]]
    assert (await bb.refusal("/v1/users", method="POST", json=new))[0] == 409
    assert (await bb.refusal("/v1/users", method="POST", json={"name": {"given": "x"}}))[0] == 400
    changed = await bb.body(f"/v1/users/{made['id']}", method="PATCH", json={"name": {"given": "Sir Isaac"}})
    assert changed["name"] == {**made["name"], "given": "Sir Isaac"}
    assert (await bb.body("/v1/users/me", "S1"))["userName"] == "s1"
    assert (await bb.refusal("/v1/users/userName:s2", "S1"))[0] == 403


async def test_a_person_is_made_whole_or_not_at_all(bb: Blackboard) -> None:
    new = {"userName": "newton", "password": "secret words", "contact": {"webPage": "https://newton.example"}}
    wrong: list[Any] = [{"password": "short"}, {"password": 7}, {"contact": {"webPage": "no address"}}]
    for each in wrong:
        assert (await bb.refusal("/v1/users", method="POST", json={**new, **each}))[0] == 400
        assert await bb.results("/v1/users?userName=newton") == []
    made = await bb.body("/v1/users", method="POST", status=201, json=new)
    assert made["contact"] == {"webPage": "https://newton.example"}
    assert await find_by_password(bb.filled.admin, "newton", password="secret words") == int(made["id"].split("_")[1])
    path = f"/v1/users/{made['id']}"
    assert (await bb.refusal(path, method="PATCH", json={"password": "another one"}))[0] == 400
    changes = {"name": {"given": "Isaac"}, "contact": {"institutionEmail": "nowhere"}}
    assert (await bb.refusal(path, method="PATCH", json=changes))[0] == 400
    assert await bb.body(path) == made


async def test_a_membership_is_moved_to_the_parent(bb: Blackboard) -> None:
    path = f"{P}/users/{bb.id('S1')}"
    assert (await bb.body(path))["childCourseId"] == bb.id("K1")
    assert (await bb.refusal(path, method="PATCH", json={"childCourseId": bb.id("K2")}))[0] == 400
    same = {"childCourseId": bb.id("K1")}
    assert (await bb.refusal(path, method="PATCH", json={**same, "courseRoleId": "TeachingAssistant"}))[0] == 409
    moved = await bb.body(path, method="PATCH", json={"childCourseId": None, "courseRoleId": "TeachingAssistant"})
    assert ("childCourseId" in moved, moved["courseRoleId"]) == (False, "TeachingAssistant")
    assert (await bb.body(f"/v1/courses/{bb.id('K1')}/users/{bb.id('S1')}"))["availability"]["available"] == "Disabled"


async def test_who_is_in_both_courses_is_passed_over(bb: Blackboard) -> None:
    await bb.body(f"/v1/courses/{bb.id('D')}/users/{bb.id('S3')}", method="PUT", status=201)
    path = f"{P}/children/{bb.id('D')}"
    assert (await bb.refusal(path, method="PUT"))[0] == 409
    assert (await bb.refusal(path + "?ignoreEnrollmentErrors=perhaps", method="PUT"))[0] == 400
    await bb.body(path + "?ignoreEnrollmentErrors=true", method="PUT", status=201)
    assert "childCourseId" not in await bb.body(f"{P}/users/{bb.id('S3')}")


async def test_children_with_their_courses(bb: Blackboard) -> None:
    (first, second) = await bb.results(P + "/children?expand=childCourse&fields=id,childCourse.courseId")
    assert first == {"id": bb.id("K1"), "childCourse": {"courseId": "HIST-1"}}
    assert second == {"id": bb.id("K2"), "childCourse": {"courseId": "HIST-2"}}
    one = await bb.body(f"{P}/children/{bb.id('K1')}?expand=childCourse")
    assert (one["childCourse"]["parentId"], one["childCourse"]["hasChildren"]) == (bb.id("P"), False)
    assert "childCourse" not in await bb.body(f"{P}/children/{bb.id('K1')}")
