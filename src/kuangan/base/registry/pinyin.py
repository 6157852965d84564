"""Pinyin initials, so that 远峰煤业 is found by typing yfmy."""

from __future__ import annotations

from pypinyin import Style, lazy_pinyin, load_phrases_dict

load_phrases_dict(
    {
        "长治": [["cháng"], ["zhì"]],
        "长子": [["zhǎng"], ["zǐ"]],
        "繁峙": [["fán"], ["shì"]],
        "洪洞": [["hóng"], ["tóng"]],
        "隰县": [["xí"], ["xiàn"]],
        "石楼": [["shí"], ["lóu"]],
    }
)


def _as_it_is(text: str) -> str:
    return text


def initials(name: str) -> str:
    """Lower-case first letters of each character; letters and digits stay, the rest is dropped."""
    letters = lazy_pinyin(name, style=Style.FIRST_LETTER, errors=_as_it_is)
    return "".join(letter for letter in "".join(letters).lower() if letter.isalnum() and letter.isascii())[:120]
