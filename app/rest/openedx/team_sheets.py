"""The teams of a course run as a file of learners (contracts/edx-core.md §11)."""

from __future__ import annotations

import csv
import io
from collections.abc import Mapping
from typing import Any

from starlette.responses import Response

from app.domain.catalog.keys import parse_run
from app.domain.cells import guarded, unguarded
from app.rest.openedx.asking import Asked
from app.rest.openedx.endpoint import AUTHOR, STAFF, Made, Operation
from app.rest.openedx.kinds import TEXT
from app.rest.openedx.refusals import USER, Refused
from app.rest.route import Call, Row, closed

PATH = "/team/v0/bulk_team_membership/{course_id}"
COLUMNS = ("username", "external_user_id", "mode")
NEEDED = ("username", "mode")


def sheet(data: Row, call: Call) -> Response:
    """One row for each active learner, one column for each set."""
    asked, place = data["asked"], data["courseInstance"]
    topics = {each["key"]: each for each in place["topics"] if each["key"] is not None and each["kind"] == "TEAMS"}
    teams: dict[tuple[str, str], str] = {
        (each["username"], key): team["name"]
        for key, topic in topics.items()
        for team in topic["groups"]["nodes"]
        for each in team["roster"]
    }
    text = io.StringIO(newline="")
    writer = csv.writer(text)
    writer.writerow([*COLUMNS, *(guarded(key) for key in sorted(topics))])
    rows = sorted(data["enrollments"]["nodes"], key=lambda row: str(row["user"]["username"]))
    for row in rows:
        name = row["user"]["username"]
        told = [name, row["user"]["external_user_id"] or "", row["mode"] or ""]
        writer.writerow([guarded(cell) for cell in (*told, *(teams.get((name, key), "") for key in sorted(topics)))])
    run = parse_run(asked.run["key"])
    called = "_".join(run) if run is not None else asked.run["key"]
    headers = {"Content-Disposition": f'attachment; filename="team-membership_{called}.csv"'}
    return Response(text.getvalue().encode(), media_type="text/csv", headers=headers)


async def places(asked: Asked) -> Mapping[str, Any]:
    """What a file says. Raises Refused 400."""
    content = asked.files.get("csv")
    if content is None:
        raise wrong("The file is missing, as 'csv'.")
    try:
        lines = list(csv.reader(io.StringIO(content.decode("utf-8-sig"), newline=""), strict=True))
    except (UnicodeDecodeError, csv.Error):
        raise wrong("The file is no CSV file in UTF-8.") from None
    columns = [unguarded(cell.strip()) for cell in lines[0]] if lines else []
    missing = [name for name in NEEDED if name not in columns]
    if missing:
        raise wrong(f"Missing column(s) in header: {', '.join(missing)}.")
    if len(set(columns)) < len(columns):
        raise wrong("A column is there for the second time.")
    rows = [[unguarded(cell) for cell in line] for line in lines[1:] if any(line)]
    if not all(cell.isprintable() for row in (columns, *rows) for cell in row):
        raise wrong("A cell has characters that cannot be printed.")
    if any(len(row) != len(columns) for row in rows):
        raise wrong("A row has not as many cells as there are columns.")
    sets = [name for name in columns if name not in COLUMNS]
    named = [dict(zip(columns, row, strict=True)) for row in rows]
    made = [
        {
            "username": row["username"].strip(),
            "track": row["mode"].strip(),
            "teams": [{"groupSetKey": key, "team": row[key].strip()} for key in sets],
        }
        for row in named
    ]
    return {"input": {"courseInstanceId": str(asked.run["id"]), "places": made}}


def wrong(*errors: str) -> Refused:
    """What is wrong with a file; nothing of it is stored."""
    return Refused(400, body={"errors": list(errors)})


def affected(data: Row, call: Call) -> Row:
    """How many learners are named. Raises Refused with all that is wrong."""
    made = data["placeInTeams"]
    if made["errors"]:
        raise wrong(*made["errors"])
    return {"message": f"{made['count']} learners were affected."}


ROUTES = [
    Operation(
        "GET",
        PATH,
        "TeamSheet",
        Made(make=sheet, made=TEXT, may_be_file=True),
        style=USER,
        run="course_id",
        needs=STAFF,
    ),
    Operation(
        "POST",
        PATH,
        "PlaceInTeams",
        Made(make=affected, made=closed({"message": TEXT})),
        style=USER,
        run="course_id",
        needs=AUTHOR,
        plan=places,
        status=201,
        form={"csv": {"type": "string", "format": "binary", "description": "`username`, `mode` and sets by row."}},
    ),
]
