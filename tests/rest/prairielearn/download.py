"""A download client as the documented one behaves (contracts/prairielearn.md §4): one file for each call.

It sends the `Private-Token` header and nothing else, reads `Content-Length`, and stops at any status but 200.
"""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.request import Request, urlopen


def main() -> None:
    """Download a course instance."""
    parser = argparse.ArgumentParser()
    for option in ("--token", "--course-instance-id", "--output-dir", "--server"):
        parser.add_argument(option, required=True)
    options = parser.parse_args()
    folder = Path(options.output_dir)
    folder.mkdir(parents=True)
    total = 0
    for name, length, body in calls(f"{options.server}/course_instances/{options.course_instance_id}", options.token):
        (folder / f"{name}.json").write_text(json.dumps(body))
        total += length
    sys.stdout.write(f"{total}\n")


def calls(base: str, token: str) -> Iterator[tuple[str, int, Any]]:
    """(name, length in bytes, body) of every call, in the documented order."""

    def call(name: str, path: str) -> tuple[str, int, Any]:
        length, body = get(base + path, token)
        return name, length, body

    yield call("course_instance_info", "")
    yield call("gradebook", "/gradebook")
    yield call("course_instance_access_rules", "/course_instance_access_rules")
    assessments = call("assessments", "/assessments")
    yield assessments
    for assessment in assessments[2]:
        key = assessment["assessment_id"]
        instances = call(f"assessment_{key}_instances", f"/assessments/{key}/assessment_instances")
        yield instances
        yield call(f"assessment_{key}_access_rules", f"/assessments/{key}/assessment_access_rules")
        for instance in instances[2]:
            key = instance["assessment_instance_id"]
            for part in ("instance_questions", "submissions", "log"):
                yield call(f"assessment_instance_{key}_{part}", f"/assessment_instances/{key}/{part}")


def get(url: str, token: str) -> tuple[int, Any]:
    """The length that the response announces, and its body."""
    with urlopen(Request(url, headers={"Private-Token": token})) as response:
        if response.status != 200:
            raise SystemExit(f"{url}: {response.status}")
        length = int(response.headers["Content-Length"])
        content = response.read()
        if len(content) != length:
            raise SystemExit(f"{url}: {len(content)} bytes instead of {length}")
        return length, json.loads(content)


if __name__ == "__main__":
    main()
