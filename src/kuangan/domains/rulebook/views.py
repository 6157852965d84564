"""The page of the rules in force; read only."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from kuangan.base.case.words import GRADE_WORDS
from kuangan.base.people.access import require
from kuangan.base.people.permissions import may
from kuangan.base.registry.words import PLACE_WORDS
from kuangan.domains.rulebook.reading import in_force
from kuangan.domains.rulebook.words import (
    CONFIDENCE,
    DANGER,
    DEFAULT_MARK,
    GAS_GRADES,
    QUANTITIES,
    RULES,
    SETTINGS,
    said,
)
from kuangan.library.warning.places import PLACE_CLASSES
from kuangan.library.warning.rulebook import RuleBook

APART = ("version", "source", "confidence")


def rules(request: HttpRequest) -> HttpResponse:
    """Rules, ladders, statutory rows and places of the book in force, each with source and mark."""
    user = require(request, "rulebook.view")
    found = in_force(Path(settings.HOME))
    book = found.book
    return render(
        request,
        "rulebook/rules.html",
        {
            "title": "规则",
            "here": "rules",
            "authors": may(user, "rulebook.author"),
            "found": found,
            "book": book,
            "rules": rule_rows(book),
            "ladders": ladder_rows(book),
            "statutory": statutory_rows(book),
            "places": place_rows(book),
            "types": type_rows(book),
            "mark": DEFAULT_MARK,
            "defaults": [(QUANTITIES.get(name, name), value) for name, value in book.default_limit.items()],
        },
    )


def marked(confidence: str) -> dict[str, Any]:
    """How sure a row is; what was not read in a source is a default of ours."""
    return {"confidence": confidence, "confidence_word": CONFIDENCE.get(confidence, ""), "default": confidence != "S"}


def rule_rows(book: RuleBook) -> list[dict[str, Any]]:
    return [
        {
            "code": code,
            "word": RULES.get(code, code),
            "clauses": book.clauses.get(code, []),
            "version": rule["version"],
            "source": rule["source"],
            "settings": [
                (SETTINGS.get(name) or DANGER.get(name, name), line)
                for name, value in rule.items()
                if name not in APART
                for line in said(value)
            ],
        }
        | marked(rule["confidence"])
        for code, rule in book.rules.items()
    ]


def ladder_rows(book: RuleBook) -> list[dict[str, Any]]:
    return [
        {
            "id": row.id,
            "quantity": QUANTITIES.get(quantity, quantity),
            "grade": row.grade,
            "word": GRADE_WORDS[row.grade],
            "height": "执行限值" if row.height == "limit" else f"{row.height:g}",
            "minutes": f"{row.minutes:g}",
            "rising": row.rising,
            "source": ladder.source,
        }
        | marked(ladder.confidence)
        for quantity, ladder in book.ladders.items()
        for row in ladder.rows
    ]


def statutory_rows(book: RuleBook) -> list[dict[str, Any]]:
    return [
        {
            "row": row.row,
            "place": "任何地点" if row.place == "any" else PLACE_WORDS.get(row.place, row.place),
            "code": row.place,
            "quantity": QUANTITIES.get(row.quantity, row.quantity),
            "alarm": f"{row.alarm:g}",
            "grades": "、".join(GAS_GRADES.get(grade, grade) for grade in row.gas_grades or ()),
            "article": row.article,
        }
        | marked(row.confidence)
        for row in book.statutory
    ]


def place_rows(book: RuleBook) -> list[dict[str, Any]]:
    """Classes of places in the order in which their patterns are tried; classes without a pattern last."""
    tried = [(row.place, row.pattern) for row in book.places]
    without = [(place, "") for place in PLACE_CLASSES if place not in {place for place, _ in tried}]
    return [
        {"place": PLACE_WORDS.get(place, place), "code": place, "pattern": pattern}
        for place, pattern in tried + without
    ]


def type_rows(book: RuleBook) -> list[dict[str, Any]]:
    return [
        {"code": code, "quantity": QUANTITIES.get(kind.quantity, kind.quantity), "step": f"{kind.step:g}"}
        for code, kind in book.quantities.items()
    ]
