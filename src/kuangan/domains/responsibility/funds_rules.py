"""Arithmetic of the safety funds, in exact decimals of yuan: class, what is owed, shortfall, balance."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal
from typing import Final

from kuangan.base.registry.models import MineKind
from kuangan.domains.responsibility.kinds import FundClass

CENT: Final = Decimal("0.01")
ZERO: Final = Decimal(0)


def classes_of(classes: Mapping[str, FundClass], kind: str, facts: Iterable[Mapping[str, object]]) -> list[str]:
    """Classes that the register gives a mine, the highest rate first; `facts` are those that held at some time of the month."""
    found = [
        code
        for code, each in classes.items()
        if MineKind(kind) in each.kinds and not each.declared and any(_fits(each, held) for held in facts)
    ]
    return sorted(found, key=lambda code: -classes[code].rate)


def _fits(each: FundClass, held: Mapping[str, object]) -> bool:
    return all(str(held.get(attribute, "")) in values for attribute, values in each.when.items())


def class_in_force(classes: Mapping[str, FundClass], by_register: list[str], declared: str) -> tuple[str, bool]:
    """(class, whether the register gives it): the highest rate of both; a lower declaration does not lower it. ('', False): none."""
    named = [*by_register, *([declared] if declared in classes else [])]
    if not named:
        return "", False
    best = max(named, key=lambda code: (classes[code].rate, code in by_register))
    return best, best in by_register


def required(output_t: Decimal, rate: Decimal) -> Decimal:
    """Yuan to be drawn for an output in tonnes; half a cent is rounded up."""
    return (output_t * rate).quantize(CENT, ROUND_HALF_UP)


def shortfall(owed: Decimal, extracted: Decimal) -> Decimal:
    return max(owed - extracted, ZERO)


@dataclass(frozen=True, slots=True)
class Sums:
    """Totals of several rows; they add up."""

    output_t: Decimal = ZERO
    required: Decimal = ZERO
    extracted: Decimal = ZERO
    shortfall: Decimal = ZERO
    spent: Decimal = ZERO
    opening: Decimal = ZERO
    mines: int = 0

    def __add__(self, other: Sums) -> Sums:
        return Sums(*(getattr(self, name) + getattr(other, name) for name in Sums.__dataclass_fields__))

    @property
    def balance(self) -> Decimal:
        """What is left: carried over plus drawn less spent; negative when more was spent than drawn."""
        return self.opening + self.extracted - self.spent


def total(parts: Iterable[Sums]) -> Sums:
    found = Sums()
    for part in parts:
        found += part
    return found
