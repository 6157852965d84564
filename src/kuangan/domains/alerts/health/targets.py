"""The targets of alarm health, as data: practice of the trade, no law."""

from __future__ import annotations

from datetime import date
from importlib.resources import files
from typing import Final, Literal

from pydantic import BaseModel, ConfigDict, Field

from kuangan.library.shipped import read_yaml

Code = Literal["per_officer_hour", "per_ten_minutes", "peak_ten_minutes", "flood_share", "chattering", "standing"]
WORDS: Final[dict[str, str]] = {
    "per_officer_hour": "每人每小时送达（条）",
    "per_ten_minutes": "每 10 分钟平均送达（条）",
    "peak_ten_minutes": "10 分钟内最多送达（条）",
    "flood_share": "洪峰占全部时间",
    "chattering": "反复的对象（个）",
    "standing": "持续超过 24 小时（条）",
}


class Target(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)

    code: Code
    most: float = Field(ge=0)
    source: str
    confidence: Literal["S", "M", "I"]


class Targets(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)

    version: Literal[1]
    name: str
    source: Literal["practice"]
    in_force_from: date
    basis: str
    targets: tuple[Target, ...]
    chattering_shown: int = Field(gt=0)
    places_shown: int = Field(gt=0)

    def most(self, code: str) -> float:
        """The target of a figure. StopIteration when there is none."""
        return next(target.most for target in self.targets if target.code == code)


TARGETS: Final = Targets.model_validate(
    read_yaml((files("kuangan.domains.alerts.health") / "targets.yaml").read_text(encoding="utf-8"))
)
