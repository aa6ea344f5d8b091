"""The acceptance cases of contracts/blackboard.md, in their order: reading."""

from __future__ import annotations

import pytest

from tests.rest.blackboard.conftest import BASE, GRADEBOOK, A, Blackboard, P

pytestmark = pytest.mark.anyio

SINCE = "2022-08-07T21:17:40.626Z"


async def test_without_a_token_or_with_a_wrong_one(bb: Blackboard) -> None:  # blackboard case 5
    assert await bb.refusal("/v3/courses", None) == (401, "API request is not authenticated.")
    wrong = {"Authorization": "Bearer nope"}
    assert await bb.refusal("/v3/courses", None, headers=wrong) == (401, "Bearer token is invalid")


async def test_fields_as_the_brief_prints_them(bb: Blackboard) -> None:  # blackboard case 6
    query = "?availability.available=Yes&fields=”id, created, availability.available, hasChildren”"
    found = await bb.results("/v3/courses" + query)
    assert [(each["id"], each["availability"], each["hasChildren"]) for each in found] == [
        (bb.id("A"), {"available": "Yes"}, False),
        (bb.id("P"), {"available": "Yes"}, True),
        (bb.id("K1"), {"available": "Yes"}, False),
        (bb.id("K2"), {"available": "Yes"}, False),
    ]
    assert {tuple(each) for each in found} == {("id", "created", "availability", "hasChildren")}


async def test_courses_since_an_instant(bb: Blackboard) -> None:  # blackboard case 7
    found = {}
    for compare in ("&createdCompare=greaterOrEqual", "&createdCompare=lessThan", ""):
        found[compare] = {each["id"] for each in await bb.results(f"/v3/courses?created={SINCE}{compare}")}
    since, before, default = found.values()
    assert bb.id("A") in since and bb.id("B") not in since
    assert before == {bb.id("B")}
    assert default == since


async def test_courses_of_a_data_source(bb: Blackboard) -> None:  # blackboard case 8
    for reference in (bb.id("DS2"), "externalId:Courses-Year-2023-2024", "%20externalId:Courses-Year-2023-2024"):
        found = await bb.results(f"/v3/courses?dataSourceId={reference}&fields=id,dataSourceId")
        assert found == [{"id": bb.id("A"), "dataSourceId": bb.id("DS2")}]
    assert await bb.results("/v3/courses?dataSourceId=externalId:nowhere") == []
    assert [each["id"] for each in await bb.results("/v3/courses?termId=externalId:f24")] == [bb.id("A")]


async def test_pages(bb: Blackboard) -> None:  # blackboard case 9
    found, path = [], "/v3/courses?limit=2"
    sizes = []
    while True:
        page = await bb.body(path)
        found += [each["id"] for each in page["results"]]
        sizes.append(len(page["results"]))
        if "paging" not in page:
            break
        assert list(page["paging"]) == ["nextPage"]
        path = page["paging"]["nextPage"]
        assert path == f"{BASE}/v3/courses?limit=2&offset={len(found)}"
    assert found == [bb.id(name) for name in ("A", "B", "P", "K1", "K2", "D")]
    assert sizes == [2, 2, 2]


async def test_largest_pages(bb: Blackboard) -> None:  # blackboard case 10
    assert await bb.refusal("/v3/courses?limit=101") == (400, "Paging limit cannot exceed 100.")
    assert len(await bb.results(A + "/users?limit=200")) == 12
    assert await bb.refusal(A + "/users?limit=201") == (400, "Paging limit cannot exceed 200.")


async def test_beyond_the_end(bb: Blackboard) -> None:  # blackboard case 11
    assert await bb.body("/v3/courses?offset=100000") == {"results": []}
    assert await bb.body("/v3/courses?offset=99999999999999999999999") == {"results": []}


async def test_ids_of_a_course(bb: Blackboard) -> None:  # blackboard case 12
    whole = await bb.body(f"/v3/courses/{bb.id('A')}")
    assert whole["externalId"] == "SIS-BIO101"
    for form in ("courseId:BIO101", "externalId:SIS-BIO101", f"uuid:{whole['uuid']}", "courseId%3ABIO101"):
        assert (await bb.body(f"/v3/courses/{form}"))["id"] == bb.id("A")
    assert (await bb.body("/v3/courses/externalId:HIST/"))["id"] == bb.id("P")


async def test_malformed_and_unknown_ids(bb: Blackboard) -> None:  # blackboard case 13
    assert (await bb.refusal("/v3/courses/BIO101"))[0] == 400
    for unknown in ("_999999_1", "externalId:CURLDSK", "_99999999999999999999_1", "externalId:BIO101"):
        assert await bb.refusal(f"/v3/courses/{unknown}") == (404, f"Could not find object with ID: {unknown}")


async def test_an_unknown_availability(bb: Blackboard) -> None:  # blackboard case 14
    assert (await bb.refusal("/v3/courses?availability.available=Maybe"))[0] == 400


async def test_an_order(bb: Blackboard) -> None:  # blackboard case 15
    found = await bb.results("/v3/courses?sort=name(desc)&fields=name")
    names = ["Course OLD", "Course HIST-2", "Course HIST-1", "Course HIST", "Course CHEM1", "Course BIO101"]
    assert found == [{"name": name} for name in names]
    assert (await bb.refusal("/v3/courses?sort=colour"))[0] == 400


async def test_members_with_their_users(bb: Blackboard) -> None:  # blackboard case 16
    for spelled in ("users", "user"):
        found = await bb.results(f"{A}/users?expand={spelled}&fields=id,user.id,childCourseId")
        assert {tuple(each) for each in found} == {("id", "user")}
        assert [each["user"] for each in found] == [
            {"id": bb.id(name)} for name in ("I", "TA", *(f"S{number}" for number in range(1, 11)))
        ]


async def test_members_of_a_merged_course(bb: Blackboard) -> None:  # blackboard case 17
    found = await bb.results(f"{P}/users?expand=users&fields=”id, user.id,, childCourseId”")
    through = {each["user"]["id"]: each.get("childCourseId") for each in found}
    assert through == {bb.id("S1"): bb.id("K1"), bb.id("S2"): bb.id("K2"), bb.id("S3"): None}
    assert [set(each) for each in found if "childCourseId" not in each] == [{"id", "user"}]


async def test_disabled_memberships(bb: Blackboard) -> None:  # blackboard case 18
    usual = {each["userId"] for each in await bb.results(A + "/users")}
    every = {each["userId"] for each in await bb.results(A + "/users?includeDisabledMemberships=true")}
    assert every - usual == {bb.id("S11")}
    disabled = await bb.results(A + "/users?availability.available=Disabled")
    assert [each["userId"] for each in disabled] == [bb.id("S11")]


async def test_columns(bb: Blackboard) -> None:  # blackboard case 19
    response = await bb.get(GRADEBOOK + "/columns")
    assert "null" not in response.text
    found = response.json()["results"]
    assert [each["grading"]["type"] for each in found] == ["Manual", "Attempts", "Calculated", "Manual"]
    categories = {each["id"] for each in await bb.results(A + "/gradebook/categories")}
    assert {each["gradebookCategoryId"] for each in found} == categories


async def test_categories(bb: Blackboard) -> None:  # blackboard case 20
    found = await bb.results(A + "/gradebook/categories")
    assert found == [{"id": bb.id("Q"), "title": "Quiz"}, {"id": bb.id("E"), "title": "Essay"}]
    assert await bb.body(f"{A}/gradebook/categories/{bb.id('Q')}") == found[0]
    assert (await bb.refusal(A + "/gradebook/categories/_999999_1"))[0] == 404


async def test_grades_of_a_column(bb: Blackboard) -> None:  # blackboard case 21
    usual = await bb.results(bb.column("M") + "/users")
    every = await bb.results(bb.column("M") + "/users?includeDisabledMemberships=true")
    assert (len(usual), len(every)) == (10, 11)
    for each in every:
        assert {"userId", "columnId", "displayGrade", "exempt", "changeIndex"} <= set(each)
        assert isinstance(each["changeIndex"], int)
    keys = [int(each["userId"].split("_")[1]) for each in every]
    assert keys == sorted(keys)


async def test_what_changed_last(bb: Blackboard) -> None:  # blackboard case 22
    rows = await bb.results(bb.column("M") + "/users")
    latest = await bb.body(bb.column("M") + "/users/lastChanged")
    assert latest["changeIndex"] == max(each["changeIndex"] for each in rows)
    assert latest in rows
    only = await bb.body(bb.column("M") + "/users/lastChanged?fields=changeIndex")
    assert only == {"changeIndex": latest["changeIndex"]}


async def test_a_column_without_grades(bb: Blackboard) -> None:  # blackboard case 23
    response = await bb.get(bb.column("N") + "/users/lastChanged")
    assert (response.status_code, response.content) == (204, b"")
    assert await bb.body(bb.column("N") + "/users") == {"results": []}


async def test_a_grade_that_there_is_not(bb: Blackboard) -> None:  # blackboard case 27
    path = bb.column("N") + "/users/"
    assert await bb.body(path + bb.id("S1")) == {"userId": bb.id("S1"), "columnId": bb.id("N")}
    unknown = bb.id("STRANGER")
    assert await bb.refusal(bb.column("M") + "/users/" + unknown) == (404, f"Could not find object with ID: {unknown}")


async def test_children(bb: Blackboard) -> None:  # blackboard case 30
    found = await bb.results(P + "/children")
    assert [(each["id"], each["parentId"]) for each in found] == [(bb.id(name), bb.id("P")) for name in ("K1", "K2")]
    assert await bb.refusal(A + "/children") == (400, "Course not a cross-listed parent")
    assert await bb.body(A + "/crossListSet") == {"results": []}
    assert len(await bb.results("/v1/courses/courseId:HIST-1/crossListSet")) == 2
    assert (await bb.body(f"{P}/children/{bb.id('K1')}"))["id"] == bb.id("K1")
    assert (await bb.refusal(f"{P}/children/{bb.id('A')}"))[0] == 404


async def test_the_quota(bb: Blackboard) -> None:  # blackboard case 31
    left = []
    for path in ("/v3/courses", "/v3/courses/_999999_1", bb.column("N") + "/users/lastChanged"):
        headers = (await bb.get(path)).headers
        left.append(int(headers["X-Rate-Limit-Remaining"]))
        assert headers["X-Rate-Limit-Limit"] == "10000"
        assert 0 < int(headers["X-Rate-Limit-Reset"]) <= 24 * 60 * 60
    assert left == [left[0], left[0] - 1, left[0] - 2]
    refused = (await bb.get("/v3/courses", None)).headers
    assert refused["X-Rate-Limit-Remaining"] == "10000"


async def test_what_a_student_is_told(bb: Blackboard) -> None:  # blackboard case 32
    own = await bb.body(f"{bb.column('M')}/users/{bb.id('S1')}", "S1")
    assert list(own) == ["userId", "columnId", "status", "displayGrade", "exempt", "changeIndex"]
    assert own["displayGrade"] == {"scaleType": "Score", "score": 1, "possible": 100}
    assert (await bb.refusal(f"{bb.column('M')}/users/{bb.id('S2')}", "S1"))[0] == 403
