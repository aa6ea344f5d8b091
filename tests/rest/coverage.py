"""Writes the table of what is served into app/rest/README.md: `python -m tests.rest.coverage`."""

from __future__ import annotations

from pathlib import Path

LEDGER = Path(__file__).parent / "documented"
README = Path(__file__).parents[2] / "app" / "rest" / "README.md"
BEGIN, END = "<!-- coverage:", "<!-- end of coverage -->"
TITLES = {
    "prairielearn": "PrairieLearn",
    "autolab": "Autolab",
    "blackboard": "Blackboard Learn",
    "assessments": "assessments API",
    "openedx": "Open edX",
}


def counted(file: str) -> int:
    """How many operations a file of the ledger lists; a `#` line begins a family."""
    return sum(not line.startswith("#") for line in (LEDGER / file).read_text().splitlines())


def table() -> str:
    """Documented, served and pending operations of each system, as a Markdown table."""
    rows = ["| system | documented | served | pending |", "|---|---:|---:|---:|"]
    for name, title in TITLES.items():
        documented, pending = counted(f"{name}.txt"), counted(f"{name}.pending.txt")
        rows.append(f"| {title} | {documented} | {documented - pending} | {pending} |")
    return "\n".join(rows)


def with_coverage(readme: str) -> str:
    """The README with its table made anew."""
    head, mark, rest = readme.partition(BEGIN)
    line, _, rest = rest.partition("\n")
    return f"{head}{mark}{line}\n{table()}\n{END}{rest.partition(END)[2]}"


if __name__ == "__main__":
    README.write_text(with_coverage(README.read_text()))
