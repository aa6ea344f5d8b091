"""The question bank of the open course on data analysis."""

from __future__ import annotations

from app.demo.plans import Draw, Item
from app.demo.programming_bank import choices
from app.domain.assessments.models import QuestionKind

ITEMS = (
    Item(
        "tables/median",
        "The middle",
        "Tables",
        ("numbers",),
        QuestionKind.NUMERIC,
        "What is the median of {{params.values}}?",
        tuple(
            Draw({"values": list(values)}, median)
            for values, median in (((3, 9, 4, 4, 8), 4), ((12, 7, 1, 30, 9), 9), ((5, 5, 6, 2, 11), 5))
        ),
        (6, 12, 0),
        options={"tolerance": 0.01},
    ),
    Item(
        "tables/mean-or-median",
        "Which average?",
        "Tables",
        ("concepts",),
        QuestionKind.SINGLE_CHOICE,
        "A few incomes in a town are very large. Which number tells best what people there earn?",
        (Draw({}, "b"),),
        ("a", "c"),
        choices("the mean", "the median", "the maximum"),
        {"shuffle": True},
    ),
    Item(
        "tables/tidy",
        "Tidy tables",
        "Tables",
        ("concepts",),
        QuestionKind.TRUE_FALSE,
        "In a tidy table every observation has a row of its own.",
        (Draw({}, True),),
        (False,),
    ),
    Item(
        "charts/choose",
        "Choose a chart",
        "Charts",
        ("concepts",),
        QuestionKind.MATCHING,
        "Match what you want to show with a chart.",
        (Draw({}, {"a": "2", "b": "1", "c": "3"}),),
        ({"a": "1", "b": "2", "c": "3"}, {"a": "3", "b": "1", "c": "2"}),
        (
            {"id": "a", "text": "change over time"},
            {"id": "b", "text": "a distribution"},
            {"id": "c", "text": "two measures of each thing"},
            {"id": "1", "text": "histogram", "side": "RIGHT"},
            {"id": "2", "text": "line chart", "side": "RIGHT"},
            {"id": "3", "text": "scatter plot", "side": "RIGHT"},
        ),
    ),
    Item(
        "charts/axis",
        "An axis that lies",
        "Charts",
        ("reading",),
        QuestionKind.SHORT_TEXT,
        "What is wrong with a bar chart whose axis starts at 95?",
        (Draw({}, "It exaggerates differences"),),
        ("Nothing", "The colours"),
        options={"ignoreCase": True},
    ),
    Item(
        "conclusions/claims",
        "What may be said?",
        "Conclusions",
        ("concepts",),
        QuestionKind.MULTIPLE_CHOICE,
        "Ice cream sales and drownings rise together. Which claims are justified?",
        (Draw({}, ["b", "d"]),),
        (["a"], ["a", "b"], ["c", "d"]),
        choices(
            "Ice cream causes drowning.", "They are correlated.", "Drowning sells ice cream.", "Heat may drive both."
        ),
        {"shuffle": True, "partialCredit": False},
    ),
    Item(
        "conclusions/notebook",
        "Your own analysis",
        "Conclusions",
        ("project",),
        QuestionKind.FILES,
        "Hand in a notebook that answers a question of your own about the bicycle counts.",
        (Draw({}, {"files": ["analysis.md"]}),),
        ({"files": []},),
        options={"accepts": [".md", ".ipynb"]},
    ),
)
