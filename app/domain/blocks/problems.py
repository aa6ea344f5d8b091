"""Problems as learners see them: texts and controls of a form, without anything that tells a right answer.

Only what is named here is taken over. Scripts, solutions, hints, what graders are told and whatever else an element
may say stay out, and so do all attributes that are not known to be harmless.
"""

from __future__ import annotations

import re
from html import escape
from itertools import count

from app.domain.blocks.markup import Node, element, is_address, opened, parse


def _named(text: str) -> frozenset[str]:
    return frozenset(text.split())


TEXTS = _named(
    "a abbr address article aside b bdi bdo big blockquote caption center cite code col colgroup dd del details dfn "
    "div dl dt em figcaption figure font footer h1 h2 h3 h4 h5 h6 header i ins kbd li main mark nav ol p pre q s samp "
    "section small span strike strong sub summary sup table tbody td tfoot th thead tr tt u ul var "
    "math mfrac mi mn mo mover mpadded mphantom mroot mrow ms mspace msqrt mstyle msub msubsup msup mtable mtd mtext "
    "mtr munder munderover"
)
"""Elements of HTML and MathML in which there are only texts and other elements."""
EMPTY = _named("br hr img wbr")
ATTRIBUTES = _named(
    "align alt class colspan dir display height href lang mathvariant rowspan scope src start style title width"
)
ADDRESSES = ("href", "src")
RESPONSES = _named(
    "annotationresponse choiceresponse choicetextresponse coderesponse customresponse externalresponse "
    "formularesponse imageresponse javascriptresponse multiplechoiceresponse numericalresponse optionresponse "
    "schematicresponse stringresponse symbolicresponse truefalseresponse"
)
LINES = _named("textline formulaequationinput chemicalequationinput numtolerance_input")
AREAS = _named("textbox codeinput matlabinput")
CHOICES = {
    **dict.fromkeys(("choicegroup", "radiogroup", "choicetextgroup", "radiotextgroup"), "radio"),
    **dict.fromkeys(("checkboxgroup", "checkboxtextgroup"), "checkbox"),
}
PROGRAMS = _named(
    "annotationinput crystallography designprotein2dinput drag_and_drop_input editageneinput editamoleculeinput "
    "javascriptinput jsinput jsmeinput schematic vsepr_input"
)
"""Inputs that need a program in the page."""
NO_PROGRAM = "This part is answered in a program of its own, which is not shown here."
OPTION = re.compile(r"'((?:[^'\\]|\\.)*)'|\"((?:[^\"\\]|\\.)*)\"")
ESCAPED = re.compile(r"\\(.)")
ANSWER = "Your answer"


def problem(content: str | None, prefix: str) -> str:
    """The HTML of a problem's OLX; its inputs are called after the prefix. Raises Malformed."""
    return _Sheet(prefix).inside(parse(content)).strip()


class _Sheet:
    """Writes a problem; inputs are numbered as they come."""

    def __init__(self, prefix: str) -> None:
        self.prefix, self.numbers = prefix, count(1)

    def inside(self, node: Node) -> str:
        """What is in an element."""
        return "".join(escape(each, quote=False) if isinstance(each, str) else self.of(each) for each in node.parts)

    def of(self, node: Node) -> str:
        """An element; nothing of those that are not known."""
        tag = node.tag
        if tag in TEXTS:
            return f"{opened(tag, _harmless(node))}{self.inside(node)}</{tag}>"
        if tag in EMPTY:
            return opened(tag, _harmless(node))
        if tag in ("label", "description"):
            return element("p", self.inside(node), class_=tag)
        if tag == "problem":
            return self.inside(node)
        return self.input(node)

    def input(self, node: Node) -> str:
        """What is answered."""
        tag = node.tag
        if tag in PROGRAMS:
            return element("p", NO_PROGRAM, class_="program")
        if tag in RESPONSES:
            return element("div", self.inside(node), class_="response")
        if tag in CHOICES:
            return self.choices(node, CHOICES[tag])
        if tag == "optioninput":
            return self.options(node)
        if tag in LINES or tag in AREAS:
            return self.text(node)
        if tag == "filesubmission":
            return opened("input", {"type": "file", "name": self.name(), "aria-label": _label(node)})
        return self.picture(node) if tag == "imageinput" else ""

    def name(self) -> str:
        """The name of the next input."""
        return f"{self.prefix}-{next(self.numbers)}"

    def choices(self, node: Node, kind: str) -> str:
        """Choices of which one, or any, may be taken, below one another."""
        name = self.name()
        shown = [each for each in node.children if each.tag == "choice"]
        heads = "".join(self.of(each) for each in node.children if each.tag in ("label", "description"))
        rows = []
        for number, each in enumerate(shown):
            box = opened("input", {"type": kind, "name": name, "value": f"choice_{number}"})
            rows.append(element("li", element("label", f"{box} {self.inside(each).strip()}")))
        return heads + element("ul", "".join(rows), class_="choices", aria_label=node.attributes.get("label"))

    def options(self, node: Node) -> str:
        """A list to choose one of."""
        listed = [_words(each) for each in node.children if each.tag == "option"]
        listed = listed or _listed(node.attributes.get("options", ""))
        rows = "".join(element("option", escape(each, quote=False)) for each in ["", *listed])
        return element("select", rows, name=self.name(), aria_label=_label(node))

    def text(self, node: Node) -> str:
        """A line, or an area that begins with what is written in it."""
        if node.attributes.get("hidden", "").lower() == "true":
            return ""
        name, label = self.name(), _label(node)
        if node.tag in AREAS:
            return element("textarea", escape(_words(node), quote=False), name=name, rows="10", aria_label=label)
        line = opened("input", {"type": "text", "name": name, "aria-label": label})
        trailing = node.attributes.get("trailing_text")
        return line if not trailing else f"{line} {escape(trailing, quote=False)}"

    def picture(self, node: Node) -> str:
        """A picture, at a place of which one points."""
        source, size = node.attributes.get("src", ""), {"width", "height"}
        said = {"src": source, "alt": ""} | {key: node.attributes[key] for key in size & node.attributes.keys()}
        place = opened("input", {"type": "text", "name": self.name(), "aria-label": "Place in the picture: x,y"})
        return (opened("img", dict(sorted(said.items()))) if is_address(source) else "") + place


def _harmless(node: Node) -> dict[str, str]:
    """The attributes of an element that a page may have."""
    return {
        name: value
        for name, value in node.attributes.items()
        if name in ATTRIBUTES and (name not in ADDRESSES or is_address(value))
    }


def _label(node: Node) -> str:
    return node.attributes.get("label") or ANSWER


def _words(node: Node) -> str:
    """The text of an element, that of the elements in it, which are hints, left out."""
    return "".join(each for each in node.parts if isinstance(each, str)).strip()


def _listed(text: str) -> list[str]:
    """The options of `('one','two')`."""
    return [ESCAPED.sub(r"\1", one or other) for one, other in OPTION.findall(text)]
