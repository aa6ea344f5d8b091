"""Small files in Autolab's formats."""

from __future__ import annotations

import csv
import io
import tarfile
from collections.abc import Mapping, Sequence
from pathlib import Path

from app.context import Context
from app.importers.registry import run
from app.importers.summary import Summary

COURSE = """\
general:
  name: 15213-f23
  semester: f23
  display_name: Computer Systems
  start_date: 2023-08-28
  end_date: 2023-12-08
  late_slack: 60
  grace_days: 5
  version_threshold: 3
  disabled: true
  late_penalty: {kind: 1, value: 20.0}
  version_penalty: {kind: 0, value: 2.5}
"""
LAB = """\
general:
  display_name: Data Lab
  category_name: Labs
  handin_filename: bits.c
  handout: https://example.edu/bits
  max_submissions: 10
  max_grace_days: 2
  group_size: 3
  allow_student_assign_group: false
dates:
  start_at: '2023-09-01 00:00:00 -0400'
  due_at: '2023-09-10 23:59:00 -0400'
  end_at: '2023-09-12 23:59:00 -0400'
problems:
- {name: Correctness, max_score: 60, description: by the driver}
- {name: Style/Comments, max_score: 7.5, optional: true, starred: true}
"""
EXPORT = {"15213-f23/15213-f23.yml": COURSE, "15213-f23/datalab/datalab.yml": LAB, "15213-f23/datalab/bits.c": "int x;"}
NAME = "15213-f23"
ROSTER = [
    ("f23", "Ada@example.edu", "Lovelace", "Ada", "SCS", "CS", "2", "L", "15213", "1", "B"),
    ("f23", "alan@example.edu", "Turing", "Alan", "MCS", "", "3", "", "15213", "1", ""),
]
HEADER = (
    *("Submission Time", "Email", "Total", "Correctness", "Style/Comments"),
    *("First name", "Last name", "Section", "Lecture"),
)
ADA = ("2023-09-10 12:00:00 UTC", "ada@example.edu", "61.5", "55.0", "6.5", "Ada", "Lovelace", "B", "1")
ALAN = ("2023-09-11 04:00:01 UTC", "Alan@Example.edu", "40.0", "40.0", "", "Alan", "Turing", "", "1")
SHEET = f"{NAME}-datalab-gradesheet.csv"


def write_tar(path: Path, files: Mapping[str, str | bytes | tarfile.TarInfo]) -> Path:
    """An archive of files by their path; a TarInfo is taken as it is, without content."""
    with tarfile.open(path, "w") as archive:
        for name, content in files.items():
            if isinstance(content, tarfile.TarInfo):
                archive.addfile(content)
                continue
            data = content.encode() if isinstance(content, str) else content
            member = tarfile.TarInfo(name)
            member.size = len(data)
            archive.addfile(member, io.BytesIO(data))
    return path


def write_text(path: Path, text: str) -> Path:
    """A text file."""
    path.write_text(text, encoding="utf-8")
    return path


def write_rows(path: Path, rows: Sequence[Sequence[str]]) -> Path:
    """A table of comma-separated values."""
    with path.open("w", encoding="utf-8", newline="") as stream:
        csv.writer(stream).writerows(rows)
    return path


async def take(ctx: Context, path: Path, **options: str) -> Summary:
    """Import a file."""
    return await run(ctx, "autolab", path, None, options)


async def take_course(ctx: Context, folder: Path) -> None:
    """Import the small course with its lab and its roster of two."""
    await take(ctx, write_tar(folder / "export.tar", EXPORT))
    await take(ctx, write_rows(folder / "roster.csv", ROSTER), course=NAME)
