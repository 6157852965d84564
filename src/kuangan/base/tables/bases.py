"""What tables and query forms of lists are made from. django-tables2 and django-filter publish no types: only this room extends them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, ClassVar, Final

import django_filters
import django_tables2
from django.utils.html import format_html
from django.utils.safestring import SafeString

NUMBERS: Final[dict[str, Any]] = {"th": {"class": "ka-num"}, "td": {"class": "ka-num"}}
"""`attrs` of a column of numbers."""


class Table(django_tables2.Table):
    """The columns of a list; those named in `always` cannot be hidden."""

    always: ClassVar[Sequence[str]] = ()


class FilterSet(django_filters.FilterSet):
    """The query form of a list."""


def chip(word: str, css: str = "") -> SafeString:
    """A word in a frame; `css` is ka-chip-ok, -warn or -bad."""
    return format_html('<span class="ka-chip {}">{}</span>', css, word)
