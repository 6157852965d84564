"""What the words of the query bar ask for of everything there ever was: a number, mines, a point, or words of late titles.

A title that merely contains some words can be found by no index. So words are first read as what people type: a case
number, the name, initials or code of a mine, the code of a point. Only what is none of these is looked for in titles, and
there no further back than `RECENT`; the page says so.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from django.contrib.auth.models import AnonymousUser
from django.db.models import Q, Value
from django.db.models.functions import Concat
from django.db.models.lookups import In

from kuangan.base.case.models import Case
from kuangan.base.case.visibility import supervised_mines
from kuangan.base.people.models import User
from kuangan.base.people.scope import scope_of
from kuangan.base.registry.scope import visible_mines
from kuangan.library.telemetry.names import MINE_CODE_LENGTH

RECENT: Final = timedelta(days=30)
FEW_CASES: Final = 2_000
FEW_MINES: Final = 10
NUMBER: Final = re.compile(r"[A-Z]{2,4}-[\d-]*")
CODE: Final = re.compile(r"\d{4}[0-9A-Z]*")
SHORTEST: Final = 9
WALKED_MINE: Final = Concat("mine_id", Value(""))
"""The mine as an expression: no planner collects the alerts of many mines to sort them where walking the list meets a page soon."""


@dataclass(frozen=True)
class Sought:
    """A condition on alert cases; `few` when an index finds them, `said` when it is less than the words could mean.

    `numbered` when they are so many of one beginning that their list is best read by number.
    """

    condition: Q
    few: bool
    said: str = ""
    numbered: bool = False


def sought(user: User | AnonymousUser, text: str, at: datetime) -> Sought:
    """How to look for the words in the whole past. Two short statements at most."""
    if NUMBER.fullmatch(text.upper()):
        return _numbered(text.upper())
    codes = list(visible_mines(user, at).filter(_named(text)).order_by().values_list("pk", flat=True))
    if len(codes) > FEW_MINES:
        return Sought(Q(In(WALKED_MINE, codes)), False)
    if codes:
        point = Q(alert__subject__prefix=text) if CODE.fullmatch(text) and text not in codes else Q()
        return Sought(Q(mine__in=codes) & point, True)
    said = f"“{text}”不是案号、矿名或编码，只查近 {RECENT.days} 天的标题"
    return Sought(Q(title__contains=text, opened__gt=at - RECENT), True, said)


def _numbered(text: str) -> Sought:
    """Numbers that begin so."""
    found = Q(number__prefix=text)
    if Case.objects.filter(found).order_by()[: FEW_CASES + 1].count() <= FEW_CASES:
        return Sought(found, True)
    said = f"案号以“{text}”开头的超过 {FEW_CASES} 条，按案号从新到旧列出"
    return Sought(found & side_by_side(text), False, said, True)


def side_by_side(text: str) -> Q:
    """Where the index of numbers has those that begin so: no digit or hyphen sorts behind a letter in any collation."""
    return Q(number__gte=text, number__lt=f"{text}Z")


def sees_few_mines(user: User | AnonymousUser, at: datetime) -> bool:
    """Whether all that a person sees is found by the index of mines sooner than by walking the list of the province."""
    scope = scope_of(user)
    if scope.mines is not None:
        return len(scope.mines) <= FEW_MINES
    if scope.upper:
        return False
    return supervised_mines(scope.organisation_id, at)[: FEW_MINES + 1].count() <= FEW_MINES


def _named(text: str) -> Q:
    """Mines by name, initials or code; of the code of a point its beginning names the mine."""
    named = Q(name__contains=text) | Q(pinyin__startswith=text.upper()) | Q(pinyin__startswith=text.lower())
    if not CODE.fullmatch(text):
        return named
    beginnings = [text[:length] for length in range(SHORTEST, min(len(text), MINE_CODE_LENGTH) + 1)]
    return named | Q(code__startswith=text) | Q(code__in=beginnings)


def matches(text: str) -> Q:
    """The words in a title, or at the beginning of a number, a code or the initials: for lists that are short anyhow."""
    found = Q(title__contains=text) | Q(number__startswith=text.upper()) | Q(alert__subject__startswith=text)
    return found | Q(mine__pinyin__startswith=text.upper()) | Q(mine__pinyin__startswith=text.lower())
