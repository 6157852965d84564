"""`{% icon "flame" %}`: an outline icon of Tabler, put into the page as SVG so that it takes the text colour."""

from __future__ import annotations

import re
from functools import lru_cache

from django import template
from django.conf import settings
from django.utils.html import format_html
from django.utils.safestring import SafeString, mark_safe

register = template.Library()
NAME = re.compile(r"^[a-z0-9-]+$")
CLASS = re.compile(r'\sclass="[^"]*"')
COMMENT = re.compile(r"<!--.*?-->", re.DOTALL)
BACKDROP = '<path stroke="none" d="M0 0h24v24H0z" fill="none"/>'


@lru_cache(maxsize=512)
def drawing(name: str) -> str:
    """The SVG of one icon, on one line and without its own classes.

    Raises ValueError for a name that is no icon of the set.
    """
    path = settings.TABLER_ICONS / "outline" / f"{name}.svg"
    if not NAME.match(name) or not path.is_file():
        raise ValueError(f"no such icon: {name!r}")
    text = COMMENT.sub("", path.read_text(encoding="utf-8")).replace(BACKDROP, "")
    return " ".join(CLASS.sub("", text, count=1).split()).replace("> <", "><")


@register.simple_tag
def icon(name: str, css: str = "") -> SafeString:
    """The icon as inline SVG, hidden from screen readers (a word always stands beside it)."""
    opening = format_html('<svg class="ka-icon {}" aria-hidden="true" focusable="false"', css)
    return mark_safe(opening + drawing(name).removeprefix("<svg"))
