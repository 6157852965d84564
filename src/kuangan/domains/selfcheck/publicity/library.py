"""Laws and standards with their versions and dates of force: those that come with the documents, and those that were entered."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from kuangan.domains.selfcheck.publicity.models import OwnText
from kuangan.domains.selfcheck.publicity.rules import KIND_WORDS
from kuangan.library.policy import Library, shipped
from kuangan.library.policy.tables import Statute

SHIPPED = "随系统提供"


@dataclass(frozen=True, slots=True)
class Text:
    """One version of one text. `clauses` are places of the documents that name it; `own` is its row where it was entered."""

    name: str
    family: str
    version: str
    kind: str
    first: date | None
    until: date | None
    dated: str
    about: str
    source: str
    sure: bool
    clauses: tuple[str, ...]
    own: OwnText | None = None

    @property
    def kind_word(self) -> str:
        return KIND_WORDS.get(self.kind, "其他")

    def force(self, on: date) -> str:
        if self.first and on < self.first:
            return "尚未施行"
        if self.until and self.until < on:
            return "已失效"
        return "现行" if self.first else "现行（施行日期未载明）"

    @property
    def span(self) -> str:
        """From when to when, as exactly as it is known."""
        shape = {"year": "%Y年", "month": "%Y年%m月"}.get(self.dated, "%Y-%m-%d")
        first = f"{self.first.strftime(shape)}起" if self.first else ""
        return f"{first}{f' 至 {self.until:%Y-%m-%d}' if self.until else ''}" or "未载明"


def texts() -> list[Text]:
    """Every version, those of one text beside each other, the newest first; one query."""
    found = [*_shipped(shipped()), *_own(OwnText.objects.filter(withdrawn_at=None))]
    order = {kind: place for place, kind in enumerate(KIND_WORDS)}
    return sorted(found, key=lambda one: (order[one.kind], one.family, -(one.first or date.min).toordinal()))


def names() -> list[str]:
    return [text.name for text in texts()]


def _shipped(library: Library) -> Iterable[Text]:
    cited: dict[str, list[str]] = {}
    for node in library.nodes.values():
        for act in node.statutes:
            cited.setdefault(library.statutes[act.id].name, []).append(node.id)
    rows: dict[str, list[Statute]] = {}
    for statute in library.statutes.values():
        rows.setdefault(statute.name, []).append(statute)
    for name, parts in rows.items():
        whole = next((part for part in parts if part.article is None), parts[0])
        family, version = split(name)
        yield Text(
            name=name,
            family=family,
            version=version,
            kind=kind_of(name),
            first=whole.first,
            until=whole.until,
            dated=whole.dated or "",
            about=whole.about if whole.article is None else f"引用 {len(parts)} 条",
            source=SHIPPED,
            sure=all(part.conf == "S" for part in parts),
            clauses=tuple(dict.fromkeys(cited.get(name, ()))),
        )


def _own(rows: Iterable[OwnText]) -> Iterable[Text]:
    for row in rows:
        name = f"{row.name}（{row.version}）" if row.version else row.name
        about = "；".join(part for part in (row.number, row.issuer, row.about) if part)
        yield Text(name, row.name, row.version, row.kind, row.first, row.until, "", about, "本单位登记", True, (), row)


def split(name: str) -> tuple[str, str]:
    """Name and version of a title: `煤矿安全规程（2025年版，…）` is a version of 煤矿安全规程."""
    head, mark, rest = name.partition("（")
    return (head, rest.removesuffix("）")) if mark and any(sign.isdigit() for sign in rest) else (name, "")


def kind_of(name: str) -> str:
    """What a text is by its name."""
    head = split(name)[0]
    if "判定标准" in head:
        return "criteria"
    if head.startswith("中华人民共和国") or "刑法修正案" in head:
        return "law"
    if "条例" in head or "特别规定" in head:
        return "regulation"
    if "规程" in head or "AQ" in name or "GB" in name or "细则" in head:
        return "standard"
    return "rule" if "规定" in head or "办法" in head else "notice"
