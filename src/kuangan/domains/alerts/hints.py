"""What helped before: causes and measures of closed alerts like this one. Nothing while there are too few to speak of."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass

from django.contrib.auth.models import AnonymousUser

from kuangan.base.case.models import Step
from kuangan.base.people.models import User
from kuangan.domains.alerts.models import Alert
from kuangan.domains.alerts.queries import similar_to, visible
from kuangan.domains.alerts.rules import CAUSES
from kuangan.domains.alerts.tuning import TUNING

CASES_NAMED = 5
MEASURE_STEPS = ("verify", "first_report")


@dataclass(frozen=True)
class Hint:
    """One cause or measure with how many cases had it."""

    words: str
    count: int
    address: str = ""
    cases: tuple[str, ...] = ()


@dataclass(frozen=True)
class Hints:
    """What similar cases say; `address` lists them."""

    count: int
    address: str
    causes: tuple[Hint, ...]
    measures: tuple[Hint, ...]


def most_frequent(words: Iterable[str], shown: int) -> list[tuple[str, int]]:
    """The most frequent first, of equals the one whose words come first."""
    counted = Counter(word.strip() for word in words if word.strip())
    return sorted(counted.items(), key=lambda pair: (-pair[1], pair[0]))[:shown]


def hints(alert: Alert, user: User | AnonymousUser) -> Hints | None:
    """From closed cases of the same rule and place in the person's scope; None when there are fewer than three."""
    law = TUNING.hints
    ids = similar_to(user, alert.case.number)
    if len(ids) < law.least:
        return None
    address = f"/desk/?state=closed&similar={alert.case.number}"
    found = list(Alert.objects.filter(pk__in=ids).values_list("cause_code", flat=True))
    causes = [
        Hint(CAUSES.get(code, code), number, f"{address}&cause={code}")
        for code, number in most_frequent(found, law.shown)
    ]
    return Hints(len(ids), address, tuple(causes), tuple(_measures(ids, user)))


def _measures(ids: list[int], user: User | AnonymousUser) -> Iterable[Hint]:
    """What was written under 措施 in the step that verified each case, with the cases that say so."""
    steps = Step.objects.filter(case__in=ids, name__in=MEASURE_STEPS).order_by("id").values_list("case_id", "form")
    said = {case: str(form.get("measures") or "").strip() for case, form in steps}
    numbers = dict(visible(user).filter(pk__in=ids).values_list("pk", "number"))
    for words, count in most_frequent(said.values(), TUNING.hints.shown):
        cases = [numbers[pk] for pk in sorted(said, reverse=True) if said[pk] == words and pk in numbers]
        yield Hint(words, count, cases=tuple(cases[:CASES_NAMED]))
