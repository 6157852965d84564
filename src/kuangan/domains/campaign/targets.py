"""Targets: their values with source and date, baselines that are set, never guessed, and how each stands."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal

from django.db import transaction
from django.db.models import Q

from kuangan.base.case.errors import Forbidden, MissingFields
from kuangan.base.compliance.readings_standing import Answered, standing_baselines
from kuangan.base.people.models import User
from kuangan.domains.campaign.acts import not_ahead, note, required, still_runs
from kuangan.domains.campaign.models import Target, Value
from kuangan.domains.campaign.rules import target_state
from kuangan.domains.campaign.scope import runs
from kuangan.domains.campaign.words import OPERATORS, TARGET_STATES, plain


@transaction.atomic
def enter_value(
    target: Target,
    *,
    on: date,
    value: Decimal | None,
    source: str,
    by: User | None,
    at: datetime,
    words: str = "",
    baseline: bool = False,
) -> Value:
    """A value of a day, or the baseline. The office enters it. A second one for the same day corrects the first, which stays."""
    held = Target.objects.select_for_update(of=("self",)).select_related("programme").get(pk=target.pk)
    still_runs(held.programme)
    if by is not None and not runs(by, held.programme):
        raise Forbidden("由办公室登记")
    required(source=source)
    not_ahead("on", on, at)
    if value is None and not words.strip():
        raise MissingFields({"value": "填数值或者说明"})
    if baseline:
        _fits(held, on, value)
    row = Value.objects.create(
        target=held,
        baseline=baseline,
        on=on,
        value=value,
        words=words.strip()[:300],
        source=source.strip()[:120],
        recorded_at=at,
        recorded_by=by,
        organisation=by.organisation if by else None,
    )
    content = {"target": held.code, "on": on, "value": None if value is None else str(value), "source": row.source}
    note("baseline_set" if baseline else "value_entered", "target", held.pk, content, by=by, at=at)
    return row


def _fits(target: Target, on: date, value: Decimal | None) -> None:
    if not target.needs_baseline:
        raise MissingFields({"baseline": "该目标不与基准比较"})
    if target.asks_value:
        raise MissingFields({"value": "该基准在“条款 / 基准”页由两人确定"})
    if value is None:
        raise MissingFields({"value": "基准须有数值"})
    if target.baseline_year is not None and on.year != target.baseline_year:
        raise MissingFields({"on": f"文本以{target.baseline_year}年为基准"})


@dataclass(frozen=True, slots=True)
class Base:
    """What a target is compared with: its value, of when, and from where."""

    value: Decimal
    on: date
    source: str


@dataclass(frozen=True, slots=True)
class Standing:
    """How a target stands on a day: what is known, what is asked, and the number that is held against the text's."""

    target: Target
    state: str
    latest: Value | None
    baseline: Base | None
    series: tuple[Value, ...]
    compared: Decimal | None

    @property
    def word(self) -> str:
        return TARGET_STATES[self.state]

    @property
    def value_words(self) -> str:
        return plain(self.latest.value) if self.latest else "—"

    @property
    def baseline_words(self) -> str:
        return plain(self.baseline.value) if self.baseline else "—"

    @property
    def compared_words(self) -> str:
        return plain(self.compared.quantize(Decimal("0.1"))) if self.compared is not None else "—"

    @property
    def trend(self) -> str:
        """How the last value differs from the one before it, in words."""
        known = [value.value for value in self.series if value.value is not None]
        if len(known) < 2:
            return "—"
        change = known[-1] - known[-2]
        return "持平" if not change else f"{'↑ 升' if change > 0 else '↓ 降'} {plain(abs(change))}"

    @property
    def wanted(self) -> str:
        """What the text asks for, in words."""
        if self.target.wanted is None:
            return "文本未给数值"
        return f"{OPERATORS[self.target.op]} {plain(self.target.wanted)}{'%' if self.target.measure != 'value' else self.target.unit}"

    @property
    def asked(self) -> str:
        """What the office is asked for; empty when nothing is."""
        if self.state == "no_baseline":
            year = self.target.baseline_year
            return f"请登记{year}年基准值和来源" if year else "文本未写基准年：请主管部门确定基准年、基准值和来源"
        return "请登记最新数值和来源" if self.latest is None else ""


def standings(targets: Iterable[Target], on: date, known_at: datetime | None = None) -> list[Standing]:
    """Every target as it stood on a day. Two queries. `known_at`: only values that had been entered by then."""
    rows = list(targets)
    values = Value.objects.filter(Q(baseline=True) | Q(on__lte=on), target__in=rows).select_related("organisation")
    if known_at is not None:
        values = values.filter(recorded_at__lte=known_at)
    by_target: dict[int, list[Value]] = {}
    for value in values.order_by("on", "recorded_at", "pk"):
        by_target.setdefault(value.target_id, []).append(value)
    answers = standing_baselines(on) if any(row.asks_value for row in rows) else {}
    return [_standing(target, by_target.get(target.pk, []), answers) for target in rows]


def _standing(target: Target, values: list[Value], answers: Mapping[str, Answered]) -> Standing:
    series = tuple({value.on: value for value in values if not value.baseline}.values())
    baseline = _answered(target, answers) if target.asks_value else _entered(values)
    latest = series[-1] if series else None
    state, compared = target_state(
        target.measure,
        target.op,
        target.wanted,
        latest.value if latest else None,
        baseline.value if baseline else None,
    )
    return Standing(target, state, latest, baseline, series, compared)


def _entered(values: list[Value]) -> Base | None:
    """The baseline that the office entered last."""
    known = [value for value in values if value.baseline and value.value is not None]
    if not known:
        return None
    row = max(known, key=lambda value: (value.recorded_at, value.pk))
    return Base(row.value or Decimal(0), row.on, row.source)


def _answered(target: Target, answers: Mapping[str, Answered]) -> Base | None:
    """The baseline that two persons answered; none as long as its year is open, where that is asked too."""
    asked = answers.get(target.asks_value)
    year = answers.get(target.asks_year) if target.asks_year else None
    if asked is None or asked.answer is None or (year is not None and year.answer is None):
        return None
    when = f"{year.value}年，" if year is not None else ""
    return Base(Decimal(asked.answer.value), asked.answer.source_date, f"{when}{asked.answer.source}")
