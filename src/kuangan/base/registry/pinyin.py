"""Pinyin initials, so that 远峰煤业 is found by typing yfmy."""

from __future__ import annotations

from functools import cache
from types import ModuleType

LOCAL = {
    "长治": [["cháng"], ["zhì"]],
    "长子": [["zhǎng"], ["zǐ"]],
    "繁峙": [["fán"], ["shì"]],
    "洪洞": [["hóng"], ["tóng"]],
    "隰县": [["xí"], ["xiàn"]],
    "石楼": [["shí"], ["lóu"]],
}
"""Places of Shanxi that are not read as a dictionary would have it."""


@cache
def spell() -> ModuleType:
    """The dictionary, loaded when the first name is spelled: it takes a third of a second, and most processes spell none."""
    import pypinyin

    pypinyin.load_phrases_dict(LOCAL)
    return pypinyin


def _as_it_is(text: str) -> str:
    return text


def initials(name: str) -> str:
    """Lower-case first letters of each character; letters and digits stay, the rest is dropped."""
    said = spell()
    letters = said.lazy_pinyin(name, style=said.Style.FIRST_LETTER, errors=_as_it_is)
    return "".join(letter for letter in "".join(letters).lower() if letter.isalnum() and letter.isascii())[:120]
