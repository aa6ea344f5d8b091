"""The question bank of the introduction to programming."""

from __future__ import annotations

from app.demo.plans import Draw, Item
from app.domain.assessments.models import QuestionKind

PYTHON = {"language": "python", "gradingMethod": "External", "timeout": 20}


def program(name: str, title: str, topic: str, prompt: str, right: str, wrong: str, *tags: str) -> Item:
    """A question that is answered with a piece of Python, which a program runs and marks."""
    kind = QuestionKind.EXTERNAL
    return Item(
        name, title, topic, tags, kind, prompt, (Draw({}, {"code": right}),), ({"code": wrong},), options=PYTHON
    )


def choices(*texts: str) -> tuple[dict[str, str], ...]:
    """Choices called a, b, c, …"""
    return tuple({"id": letter, "text": text} for letter, text in zip("abcdefgh", texts, strict=False))


ITEMS = (
    Item(
        "arithmetic/integer-division",
        "Whole parts",
        "Expressions",
        ("numbers", "warm-up"),
        QuestionKind.NUMERIC,
        "What is the value of `{{params.a}} // {{params.b}}`?",
        tuple(Draw({"a": a, "b": b}, a // b) for a, b in ((17, 5), (23, 4), (42, 8), (19, 3))),
        (0, 3.4, 7),
        options={"tolerance": 0, "weight": 1},
    ),
    Item(
        "arithmetic/remainder",
        "What is left over",
        "Expressions",
        ("numbers",),
        QuestionKind.NUMERIC,
        "What is the value of `{{params.a}} % {{params.b}}`?",
        tuple(Draw({"a": a, "b": b}, a % b) for a, b in ((17, 5), (29, 6), (40, 7))),
        (0, 9, 3.4),
        options={"tolerance": 0, "weight": 1},
    ),
    program(
        "types/float-sum",
        "Adding prices",
        "Expressions",
        "Write an expression that adds `price` and 19 % of it.",
        "price + price * 0.19",
        "price + 19",
        "numbers",
        "floats",
    ),
    program(
        "strings/slicing",
        "Initials",
        "Strings",
        "Write a function `initials(name)` that gives the first letters of all words.",
        "def initials(name):\n    return ''.join(w[0] for w in name.split())",
        "def initials(name):\n    return name[0]",
        "strings",
        "functions",
    ),
    program(
        "loops/count-down",
        "Count-down",
        "Loops",
        "Print the numbers from `n` down to 1, then `Go`.",
        "while n > 0:\n    print(n)\n    n -= 1\nprint('Go')",
        "for n in range(n):\n    print(n)\nprint('Go')",
        "loops",
        "while",
    ),
    program(
        "loops/grid",
        "A chessboard",
        "Loops",
        "Give a list of eight strings that draws a chessboard with `#` and blanks.",
        "[' #' * 4 if row % 2 else '# ' * 4 for row in range(8)]",
        "['# ' * 4 for row in range(8)]",
        "loops",
        "lists",
        "nested",
    ),
    Item(
        "style/loop-review",
        "Review a loop",
        "Loops",
        ("style", "reading"),
        QuestionKind.SHORT_TEXT,
        "The loop below works. Say in two sentences what you would change, and why.",
        (Draw({}, "Loop over the list itself, not over indices; give `x` a name that says what it holds."),),
        ("It is fine as it is.", "I would make it shorter."),
        options={"gradingMethod": "Manual"},
    ),
    program(
        "functions/compose",
        "Composition",
        "Functions",
        "Write `compose(f, g)`, which gives the function that applies `g`, then `f`.",
        "def compose(f, g):\n    return lambda x: f(g(x))",
        "def compose(f, g):\n    return f(g)",
        "functions",
        "closures",
    ),
    program(
        "functions/recursion",
        "Digits",
        "Functions",
        "Write `digit_sum(n)` without a loop.",
        "def digit_sum(n):\n    return n if n < 10 else n % 10 + digit_sum(n // 10)",
        "def digit_sum(n):\n    return n % 10 + digit_sum(n)",
        "functions",
        "recursion",
    ),
    program(
        "files/word-count",
        "Counting words",
        "Files",
        "Write `count(path)`, which gives the number of different words in a file.",
        "def count(path):\n    return len(set(open(path).read().split()))",
        "def count(path):\n    return len(open(path).read().split())",
        "files",
        "sets",
    ),
    Item(
        "quiz/assignment",
        "What `=` does",
        "Expressions",
        ("quiz",),
        QuestionKind.SINGLE_CHOICE,
        "What does `x = x + 1` do?",
        (Draw({}, "b"),),
        ("a", "c", "d"),
        choices("It is false.", "It gives x a new value.", "It compares.", "It makes a second x."),
        {"shuffle": True},
    ),
    Item(
        "quiz/immutable",
        "What cannot change",
        "Types",
        ("quiz",),
        QuestionKind.MULTIPLE_CHOICE,
        "Which of these cannot be changed once they are made?",
        (Draw({}, ["a", "c"]),),
        (["a"], ["a", "b"], ["b", "d"]),
        choices("strings", "lists", "tuples", "dictionaries"),
        {"shuffle": True, "partialCredit": False},
    ),
    Item(
        "quiz/indent",
        "Indentation",
        "Control flow",
        ("quiz",),
        QuestionKind.TRUE_FALSE,
        "In Python, indentation is a matter of taste.",
        (Draw({}, False),),
        (True,),
    ),
    Item(
        "quiz/power",
        "Powers",
        "Expressions",
        ("quiz", "numbers"),
        QuestionKind.NUMERIC,
        "What is the value of `2 ** 3 ** 2`?",
        (Draw({}, 512),),
        (64, 12, 36),
        options={"tolerance": 0.001},
    ),
    Item(
        "quiz/error-name",
        "A name that is not there",
        "Errors",
        ("quiz",),
        QuestionKind.SHORT_TEXT,
        "Which error does Python raise when a name is not defined?",
        (Draw({}, "NameError"),),
        ("ValueError", "Undefined", "SyntaxError"),
        options={"ignoreCase": True},
    ),
    Item(
        "quiz/types",
        "Values and their types",
        "Types",
        ("quiz",),
        QuestionKind.MATCHING,
        "Match each value with its type.",
        (Draw({}, {"a": "1", "b": "2", "c": "3"}),),
        ({"a": "2", "b": "1", "c": "3"}, {"a": "1", "b": "3", "c": "2"}),
        (
            {"id": "a", "text": "`'7'`"},
            {"id": "b", "text": "`7`"},
            {"id": "c", "text": "`7.0`"},
            {"id": "1", "text": "str", "side": "RIGHT"},
            {"id": "2", "text": "int", "side": "RIGHT"},
            {"id": "3", "text": "float", "side": "RIGHT"},
        ),
    ),
)
