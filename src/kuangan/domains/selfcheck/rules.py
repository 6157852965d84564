"""Pure decisions about answers, signatures and differences."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, Final

from kuangan.base.audit.digest import canonical, sm3

VALUE_WORDS: Final = {"met": "符合", "unmet": "不符合", "absent": "不适用"}
UNANSWERED: Final = "未答"
POST_CODES: Final = ("lead", "safety")
RESULT_WORDS: Final = {"real": "已核实属实不一致", "data": "监测数据有误", "rectified": "已整改"}
DECISION_WORDS: Final = {"check": "现场核查", "handle": "依法另案办理", "decline": "不采纳"}
INCONSISTENT: Final = "与监测数据不一致"
OPEN: Final = frozenset({"drafting", "returned", "signed"})
"""States in which the content may still change."""
AGAINST: Final = frozenset({"suspected", "determined"})
FOR: Final = frozenset({"proved"})
LONGEST: Final = 2000


@dataclass(frozen=True, slots=True)
class Reply:
    """An answer as it is filled in."""

    value: str
    text: str = ""
    valid_from: date | None = None
    valid_to: date | None = None


def problems(reply: Reply) -> dict[str, str]:
    """Field → what is wrong with it; empty when it may be kept."""
    found: dict[str, str] = {}
    if reply.value not in VALUE_WORDS:
        found["value"] = "请选择结论"
    if reply.value in ("unmet", "absent") and not reply.text.strip():
        found["text"] = "不符合须写明情况" if reply.value == "unmet" else "不适用须写明理由"
    if len(reply.text) > LONGEST:
        found["text"] = f"不超过 {LONGEST} 字"
    if reply.valid_from and reply.valid_to and reply.valid_to < reply.valid_from:
        found["valid_to"] = "止日早于起日"
    return found


def differs(value: str, state: str) -> bool:
    """Whether an answer and a finding do not agree. What the mine itself calls not met contradicts nothing that speaks against it."""
    return value in ("met", "absent") and state in AGAINST


def remark(value: str, state: str) -> str:
    """A word on an answer and a finding that do not agree, though nobody has to verify it."""
    return "监测数据显示符合，请核对" if value == "unmet" and state in FOR else ""


def content_digest(head: Mapping[str, Any], answers: Iterable[Mapping[str, Any]]) -> str:
    """SM3 of everything two people sign: whose form it is, every answer with its files, in the order of the clauses."""
    rows = sorted(answers, key=lambda row: str(row["node"]))
    return sm3(canonical({"head": dict(head), "answers": rows}))


def carried(
    items: Collection[str], prints: Mapping[str, str], earlier: Mapping[str, tuple[str, Any]]
) -> dict[str, Any]:
    """Earlier answers that still answer the same words: {clause: answer}. `earlier` is {clause: (fingerprint, answer)}."""
    return {node: answer for node, (print_, answer) in earlier.items() if node in items and prints.get(node) == print_}


@dataclass(frozen=True, slots=True)
class Counts:
    asked: int
    answered: int
    unmet: int
    absent: int


def counted(items: Sequence[str], prints: Mapping[str, str], answers: Mapping[str, tuple[str, str]]) -> Counts:
    """How far a form is filled in. `answers` is {clause: (fingerprint, value)}; an answer to earlier words does not count."""
    valid = [value for node, (print_, value) in answers.items() if node in items and prints.get(node) == print_]
    return Counts(len(items), len(valid), valid.count("unmet"), valid.count("absent"))


def missing_signatures(signed: Mapping[str, int], digest: str, live: Mapping[str, str]) -> str:
    """Why a form may not be handed in: `signed` is {post: person}, `live` {post: digest that was signed}; empty when it may."""
    if set(signed) != set(POST_CODES):
        return "须由两名负责人分别签字"
    if len(set(signed.values())) < len(POST_CODES):
        return "两处签字须由不同人员完成"
    if any(found != digest for found in live.values()):
        return "签字后内容有变化，须重新签字"
    return ""


def proposal_nodes(unmet: Iterable[str], verified: Iterable[str], hard: Collection[str]) -> list[str]:
    """Clauses of the hard measures that a mine does not meet by its own word or by what a person verified."""
    named = {*unmet, *verified}
    return [node for node in hard if node in named]
