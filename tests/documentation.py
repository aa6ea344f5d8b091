"""Writes the generated parts of the READMEs: `python -m tests.documentation`."""

from __future__ import annotations

from pathlib import Path

from app.settings import Settings

ROOT = Path(__file__).parents[1]
SETTINGS = ROOT / "app" / "README.md"
BEGIN, END = "<!-- settings:", "<!-- end of settings -->"


def settings_table() -> str:
    """The settings as a Markdown table."""
    rows = [
        f"| `{name}` | {f'`{default}`' if default else '–'} | {meaning} |"
        for name, default, meaning in Settings.described()
    ]
    return "\n".join(["| variable | default | meaning |", "|---|---|---|", *rows])


def with_settings(readme: str) -> str:
    """The README with its table of settings made anew."""
    head, mark, rest = readme.partition(BEGIN)
    line, _, rest = rest.partition("\n")
    return f"{head}{mark}{line}\n{settings_table()}\n{END}{rest.partition(END)[2]}"


if __name__ == "__main__":
    SETTINGS.write_text(with_settings(SETTINGS.read_text()))
