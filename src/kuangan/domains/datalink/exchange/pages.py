"""What a person sees of a platform: packages, handling and stuck cases of the scope; what names no case only with the
whole province in view."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from django.db.models import Q, QuerySet
from django.urls import reverse

from kuangan.base.case.flow import flow_of
from kuangan.base.case.models import Case
from kuangan.base.people.models import User
from kuangan.base.people.scope import scope_of
from kuangan.base.tables.listing import Figure
from kuangan.domains.datalink.exchange.mapping import Mapping
from kuangan.domains.datalink.exchange.models import Counterpart, Handling, Package, Platform, Reject

COUNT_CAP: Final = 10_000
TABS: Final = {
    "out": "外送",
    "waiting": "待送",
    "in": "回传",
    "proposals": "待办建议",
    "rejects": "退回",
    "stuck": "未能生成",
    "mapping": "对照表",
}


@dataclass(frozen=True)
class View:
    """One platform as a person sees it."""

    platform: Platform
    mapping: Mapping
    user: User
    at: datetime

    @property
    def everything(self) -> bool:
        """Whether what names no case of a scope may be shown."""
        return scope_of(self.user).province_wide

    def cases(self) -> QuerySet[Case]:
        return Case.objects.visible_to(self.user, self.at)

    def packages(self) -> QuerySet[Package]:
        rows = Package.objects.filter(platform=self.platform, case__in=self.cases().values("pk"))
        return rows.select_related("case", "case__mine")

    def waiting(self) -> QuerySet[Package]:
        return self.packages().filter(left_at__isnull=True)

    def handlings(self) -> QuerySet[Handling]:
        seen = Q(case__in=self.cases().values("pk"))
        rows = Handling.objects.filter(seen | Q(case__isnull=True) if self.everything else seen, platform=self.platform)
        return rows.select_related("case", "counterpart")

    def counterparts(self) -> QuerySet[Counterpart]:
        rows = Counterpart.objects.filter(platform=self.platform, case__in=self.cases().values("pk"))
        return rows.select_related("case")

    def proposals(self) -> QuerySet[Counterpart]:
        """Steps that they propose and that may still be taken."""
        return self.counterparts().filter(still_possible(self.mapping))

    def stuck(self) -> QuerySet[Counterpart]:
        return self.counterparts().exclude(stuck="")

    def rejects(self) -> QuerySet[Reject]:
        rows = Reject.objects.filter(platform=self.platform)
        return rows if self.everything else rows.none()

    def rows(self, tab: str) -> QuerySet[Any]:
        """The rows of a tab. KeyError for the one that has none."""
        tables: dict[str, Callable[[], QuerySet[Any]]] = {
            "out": self.packages,
            "waiting": self.waiting,
            "in": self.handlings,
            "proposals": self.proposals,
            "rejects": self.rejects,
            "stuck": self.stuck,
        }
        return tables[tab]()

    def figures(self) -> list[Figure]:
        """Numbers above the page, counted up to a cap; each opens the tab that it counts."""
        here = reverse("datalink:exchange_platform", args=[self.platform.code])
        levels = {"waiting": "yellow", "proposals": "orange", "rejects": "red", "stuck": "red"}
        notes = {"in": "已采信", "proposals": "须人工办理", "rejects": "逐条说明原因", "stuck": "代码表缺项"}
        found = []
        for tab, word in TABS.items():
            if tab != "mapping":
                number = self.rows(tab).order_by()[: COUNT_CAP + 1].count()
                level = levels.get(tab, "") if number else ""
                shown: object = number if number <= COUNT_CAP else f"{COUNT_CAP}+"
                found.append(Figure(shown, word, notes.get(tab, ""), f"{here}?tab={tab}", level))
        return found


def still_possible(mapping: Mapping) -> Q:
    """Counterparts whose proposed step may follow the state their case is in now."""
    found = Q(pk__in=[])
    for kind in mapping.kinds:
        for step in flow_of(kind).transitions:
            found |= Q(proposal=step.name, case__kind=kind, case__state__in=step.from_)
    return found


@dataclass(frozen=True)
class Standing:
    """A declared platform in the list: its row when it was set up, and numbers."""

    mapping: Mapping
    platform: Platform | None
    last_out: datetime | None = None
    last_in: datetime | None = None
    waiting: int = 0
    rejects: int = 0
    stuck: int = 0

    @property
    def state(self) -> str:
        """never | off | on"""
        return "never" if self.platform is None else "on" if self.platform.enabled else "off"


def standings(declared: dict[str, Mapping], user: User | None, at: datetime) -> list[Standing]:
    """Every declared platform with its numbers, in the scope of `user` (None: all). Six queries a platform set up."""
    known = {platform.code: platform for platform in Platform.objects.select_related("acts_for")}
    return [_standing(mapping, known.get(code), user, at) for code, mapping in sorted(declared.items())]


def _standing(mapping: Mapping, platform: Platform | None, user: User | None, at: datetime) -> Standing:
    if platform is None:
        return Standing(mapping, None)
    packages: QuerySet[Package] = Package.objects.filter(platform=platform)
    handlings: QuerySet[Handling] = Handling.objects.filter(platform=platform)
    rejects: QuerySet[Reject] = Reject.objects.filter(platform=platform)
    stuck: QuerySet[Counterpart] = Counterpart.objects.filter(platform=platform).exclude(stuck="")
    if user is not None:
        view = View(platform, mapping, user, at)
        packages, handlings, rejects, stuck = view.packages(), view.handlings(), view.rejects(), view.stuck()
    return Standing(
        mapping,
        platform,
        last_out=packages.filter(left_at__isnull=False).order_by("-seq").values_list("left_at", flat=True).first(),
        last_in=handlings.order_by("-id").values_list("received_at", flat=True).first(),
        waiting=packages.filter(left_at__isnull=True).count(),
        rejects=rejects.count(),
        stuck=stuck.count(),
    )
