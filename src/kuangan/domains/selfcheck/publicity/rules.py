"""Pure decisions about reading lists and their tests."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

KIND_WORDS: Final = {
    "law": "法律",
    "regulation": "法规",
    "rule": "规章",
    "standard": "标准规程",
    "criteria": "判定标准",
    "notice": "规范性文件",
}
FORM_WORDS: Final = {
    "talk": "现场宣讲",
    "question": "提问抽考",
    "material": "发放材料",
    "meeting": "会议宣讲",
    "other": "其他",
}
SIDES: Final = {"mine": "矿山企业", "parent": "上级企业", "authority": "监管监察机关"}
STATES: Final = {
    "unread": "未签收",
    "late": "逾期未签收",
    "read": "已签收待测试",
    "failed": "测试未合格",
    "done": "已完成",
}
FEWEST_OPTIONS: Final = 2


@dataclass(frozen=True, slots=True)
class Question:
    """One question with its options; `right` is the place of the right one, from 0."""

    text: str
    options: tuple[str, ...]
    right: int


def questions_of(text: str) -> list[Question]:
    """Questions as they are typed: a question in one line, its options below it, the right one with * before it; an empty line between.

    ValueError says in words what is wrong.
    """
    found = []
    for number, block in enumerate((part for part in text.replace("\r", "").split("\n\n") if part.strip()), 1):
        lines = [line.strip() for line in block.split("\n") if line.strip()]
        options = [line.lstrip("*＊").strip() for line in lines[1:]]
        right = [place for place, line in enumerate(lines[1:]) if line[0] in "*＊"]
        if len(options) < FEWEST_OPTIONS:
            raise ValueError(f"第 {number} 题至少要有 {FEWEST_OPTIONS} 个选项")
        if len(right) != 1:
            raise ValueError(f"第 {number} 题须在一个正确选项前加 *")
        found.append(Question(lines[0], tuple(options), right[0]))
    return found


def stored(questions: Sequence[Question]) -> list[dict[str, Any]]:
    return [{"text": one.text, "options": list(one.options), "right": one.right} for one in questions]


def score(questions: Sequence[Mapping[str, Any]], answers: Sequence[int | None]) -> int:
    """Points of a hundred, rounded down; an answer that is missing is wrong. 100 where there is no question."""
    if not questions:
        return 100
    given = [*answers, *[None] * len(questions)]
    right = sum(bool(answer == question["right"]) for question, answer in zip(questions, given, strict=False))
    return right * 100 // len(questions)


def state_of(read: bool, passed: bool | None, tested: bool, overdue: bool) -> str:
    """A key of STATES. `passed` None: no attempt yet; `tested`: the list has questions."""
    if not read:
        return "late" if overdue else "unread"
    if not tested or passed:
        return "done"
    return "failed" if passed is False else "read"
