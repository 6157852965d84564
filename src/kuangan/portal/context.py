"""What every page of the shell needs: menu, strip, watermark. Worked out only when a template asks for it."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cached_property
from urllib.parse import quote

from django.http import HttpRequest

from kuangan.base.clock import BEIJING, now
from kuangan.base.people.permissions import may
from kuangan.portal.menu import Line, Lines, menu_for
from kuangan.portal.status import Item, strip_for


@dataclass
class Shell:
    """The frame around one page for one user."""

    request: HttpRequest

    @cached_property
    def menu(self) -> list[Lines]:
        return menu_for(self.request)

    @cached_property
    def active(self) -> tuple[str, Line] | None:
        return next(((group.label, line) for group in self.menu for line in group.lines if line.active), None)

    @cached_property
    def strip(self) -> list[Item]:
        """The strip; its readings lead to what they are made of for those who may look there."""
        items = strip_for(self.request.user, now())
        return items if may(self.request.user, "link.view") else [replace(item, address="") for item in items]

    @cached_property
    def organisation(self) -> str:
        return str(getattr(self.request.user, "organisation", None) or "")

    @cached_property
    def watermark(self) -> str:
        """A data address of a light, slanted tile: who looks at this page, and when it was made."""
        words = f"{self.request.user} {now().astimezone(BEIJING):%Y-%m-%d %H:%M}"
        tile = (
            '<svg xmlns="http://www.w3.org/2000/svg" width="360" height="220"><text x="20" y="150" '
            'transform="rotate(-22 20 150)" font-size="14" fill="#0f2747" fill-opacity="0.055" '
            f'font-family="PingFang SC,Microsoft YaHei,Noto Sans CJK SC,sans-serif">{_escaped(words)}</text></svg>'
        )
        return "data:image/svg+xml," + quote(tile)


def _escaped(words: str) -> str:
    return words.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


def shell(request: HttpRequest) -> dict[str, object]:
    return {"shell": Shell(request)}
