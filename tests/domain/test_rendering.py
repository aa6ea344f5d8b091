"""What learners see of blocks: forms without answers, players, texts as they were written; whatever OLX there is."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select

from app.domain.blocks.models import Block
from app.domain.blocks.rendering import html_of, rendered
from app.domain.blocks.service import create_block
from app.importers.registry import run
from tests.domain.test_blocks import Course, course

__all__ = ["course"]
pytestmark = pytest.mark.anyio
BROKEN = "This problem cannot be shown: what it is made of is not well-formed."
TELLING = re.compile(r"<(?:script|solution|\w*hint|choice|answer|\w+response)\b|<[^>]*\s(?:correct|answer|expect|cfn)=")
LINE = '<input type="text" name="b-1" aria-label="Your answer">'
PROBLEMS = {
    '<p>Which &lt; <b>one</b>?</p><multiplechoiceresponse><label>Choose</label><choicegroup type="MultipleChoice">'
    '<choice correct="true">A <i>x</i><choicehint>Yes, A</choicehint></choice><choice correct="false">B</choice>'
    "</choicegroup></multiplechoiceresponse><solution><p>It is A</p></solution>"
    "<demandhint><hint>Not B</hint></demandhint>": '<p>Which &lt; <b>one</b>?</p><div class="response">'
    '<p class="label">Choose</p><ul class="choices"><li><label><input type="radio" name="b-1" value="choice_0"> '
    'A <i>x</i></label></li><li><label><input type="radio" name="b-1" value="choice_1"> B</label></li></ul></div>',
    '<choiceresponse><checkboxgroup label="Some"><choice correct="true">A</choice></checkboxgroup></choiceresponse>': (
        '<div class="response"><ul class="choices" aria-label="Some"><li><label><input type="checkbox" name="b-1" '
        'value="choice_0"> A</label></li></ul></div>'
    ),
    """<optionresponse><optioninput options="('one','it\\'s')" correct="one" label="L"/></optionresponse>""": (
        '<div class="response"><select name="b-1" aria-label="L"><option></option><option>one</option>'
        "<option>it's</option></select></div>"
    ),
    '<optionresponse><optioninput><option correct="True">a<optionhint>well done</optionhint></option><option '
    'correct="False">b</option></optioninput></optionresponse>': '<div class="response"><select name="b-1" '
    'aria-label="Your answer"><option></option><option>a</option><option>b</option></select></div>',
    '<stringresponse answer="Paris" type="ci"><additional_answer answer="paris"/><textline size="20"/>'
    '<stringequalhint answer="Rome">No</stringequalhint></stringresponse>': f'<div class="response">{LINE}</div>',
    '<numericalresponse answer="42"><responseparam type="tolerance" default="1"/><formulaequationinput '
    'trailing_text="m&lt;s"/></numericalresponse>': f'<div class="response">{LINE} m&lt;s</div>',
    '<formularesponse answer="x^2" samples="x@1:2#3"><textline label="f(x)"/></formularesponse>': (
        '<div class="response"><input type="text" name="b-1" aria-label="f(x)"></div>'
    ),
    '<script type="loncapa/python">secret = 7</script><customresponse cfn="check" expect="secret"><textline '
    'correct_answer="7"/><textline hidden="true"/></customresponse>': f'<div class="response">{LINE}</div>',
    "<coderesponse><codeinput mode='python'>x = &lt;1&gt;<b>no</b></codeinput><codeparam><answer_display>secret"
    "</answer_display><grader_payload>secret</grader_payload></codeparam></coderesponse>": '<div class="response">'
    '<textarea name="b-1" rows="10" aria-label="Your answer">x = &lt;1&gt;</textarea></div>',
    '<imageresponse><imageinput src="/static/a.png" width="3" height="4" rectangle="(1,2)-(3,4)"/></imageresponse>': (
        '<div class="response"><img alt="" height="4" src="/static/a.png" width="3"><input type="text" name="b-1" '
        'aria-label="Place in the picture: x,y"></div>'
    ),
    '<customresponse><jsinput html_file="/x" initial_state="secret"/></customresponse><filesubmission/>': (
        '<div class="response"><p class="program">This part is answered in a program of its own, which is not shown '
        'here.</p></div><input type="file" name="b-1" aria-label="Your answer">'
    ),
    '<p onclick="x()" data-answer="secret" class="k">a<br/><a href="javascript:x()">b</a>'
    '<a href="&#9;java&#10;script:x">c</a><img src="https://x.example/a?b=1&amp;c=2"/></p><iframe>secret</iframe>'
    "<![CDATA[<b>]]>": ('<p class="k">a<br><a>b</a><a>c</a><img src="https://x.example/a?b=1&amp;c=2"></p>&lt;b&gt;'),
    '<?xml version="1.0"?><problem><description>d</description></problem>': '<p class="description">d</p>',
    "": "",
}


@pytest.mark.parametrize("content", PROBLEMS)
def test_problems(content: str) -> None:
    assert rendered("problem", "P", content, {}, prefix="b") == PROBLEMS[content]


@pytest.mark.parametrize(
    "content",
    [
        "<p>open",
        "a & b",
        "&nbsp;",
        "</olx><olx>",
        '<!DOCTYPE a [<!ENTITY b "c">]><p>&b;</p>',
        "<p>" * 120 + "</p>" * 120,
        "\0",
        "\ud800",
        "<a b='1' b='2'/>",
    ],
)
def test_what_is_no_olx_is_a_sentence(content: str) -> None:
    assert rendered("problem", "P", content, {}, prefix="b") == f"<p>{BROKEN}</p>"
    assert (
        rendered("openassessment", "P", content, {}, prefix="b")
        == f"<p>{BROKEN.replace('problem', 'openassessment')}</p>"
    )


PLAYER = '<video controls="" preload="none" aria-label="{}">{}</video>'
FILM = '<p><a href="https://www.youtube.com/watch?v=abc-1">{}</a></p>'
ASKED = '<textarea name="b-{0}" rows="10" aria-label="Your response to prompt {0}"></textarea>'


@pytest.mark.parametrize(
    ("kind", "content", "fields", "html"),
    [
        ("html", '<p>Hi<script>x()</script>', {}, "<p>Hi<script>x()</script>"),
        ("course_info", None, {}, ""),
        ("vertical", None, {}, None),
        ("unit", None, {}, None),
        ("poll", "<answer/>", {"answer": 1}, "<p>A &lt; B</p>"),
        ("video", '<source src="https://x.example/a.mp4"/>', {"html5_sources": '["https://x.example/a.mp4", "/b"]'},
         PLAYER.format("A &lt; B", '<source src="https://x.example/a.mp4"><source src="/b">')),
        ("video", None, {"youtube": "0.75:x,1.00:abc-1", "html5_sources": ["javascript:x"]}, FILM.format("A &lt; B")),
        ("video", None, {"youtube_id_1_0": "abc-1", "youtube": "1.00:y"}, FILM.format("A &lt; B")),
        ("video", None, {"youtube_id_1_0": '"><b>', "youtube": 7, "html5_sources": "{"}, "<p>A &lt; B</p>"),
        ("openassessment", "<prompts><prompt><description>Why &lt;b&gt;?</description></prompt><prompt><description>"
         "How?</description></prompt></prompts><rubric><criterion><prompt>secret</prompt></criterion></rubric>",
         {}, "<p>Why &lt;b&gt;?</p>" + ASKED.format(1) + "<p>How?</p>" + ASKED.format(2)),
        ("openassessment", "<prompts><prompt><description>&lt;b&gt;Why&lt;/b&gt;</description></prompt></prompts>",
         {"prompts_type": "html"}, "<div><b>Why</b></div>" + ASKED.format(1)),
        ("openassessment", "<rubric><prompt>Why?</prompt><criterion><prompt>secret</prompt></criterion></rubric>",
         {}, "<p>Why?</p>" + ASKED.format(1)),
    ],
)  # fmt: skip
def test_other_kinds(kind: str, content: str | None, fields: dict[str, Any], html: str | None) -> None:
    assert rendered(kind, "A < B", content, fields, prefix="b") == html


async def test_learners_see_forms_and_no_olx(course: Course) -> None:
    here: dict[str, Any] = {"course_instance_id": course.world.course_instance_id, "parent_id": course.ids["A"]}
    olx = '<stringresponse answer="Paris"><textline/></stringresponse>'
    asked = await create_block(course.admin, kind="problem", name="Q", content=olx, **here)
    shut = await create_block(course.admin, kind="html", content="<p>x</p>", is_staff_only=True, **here)
    keys = [shut, asked, course.ids["Root"], 999_999]
    form = f'<div class="response"><input type="text" name="b{asked}-1" aria-label="Your answer"></div>'
    before = course.world.student.db.statements
    assert await html_of(course.world.student, keys) == [None, form, None, None]
    assert course.world.student.db.statements == before + 1
    assert await html_of(course.world.instructor, keys) == ["<p>x</p>", form, None, None]
    assert await html_of(course.world.outsider, keys) == [None] * 4


@pytest.mark.parametrize("name", ["mitx-grading-library", "studio-advanced"])
async def test_real_courses(course: Course, shared: Path, name: str) -> None:
    """Everything in them can be shown, and no form tells an answer, a script or a hint."""
    await run(course.admin, "olx", shared / "openedx" / f"{name}.tar.gz")
    rows = await course.admin.db.fetch(select(Block.id, Block.kind).where(Block.usage_key.is_not(None)))
    shown = dict(zip([row.kind for row in rows], await html_of(course.admin, [row.id for row in rows]), strict=True))
    found = await html_of(course.admin, [row.id for row in rows if row.kind == "problem"])
    assert all(each and BROKEN not in each for each in found)
    assert not [each for each in found if TELLING.search(each or "")]
    assert any("<input" in each or "<select" in each for each in found if each)
    assert shown["course"] is None
