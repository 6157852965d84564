"""`{% clause "SX34-42" %}`: the chip of a clause, a link to its page where we hold data of it."""

from __future__ import annotations

from django import template
from django.urls import reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString

from kuangan.library.policy import shipped

register = template.Library()


@register.simple_tag
def clause(ident: str) -> SafeString:
    """The id as a chip; what is no place of our documents stays a plain word."""
    node = shipped().nodes.get(ident)
    if node is None:
        return format_html('<span class="ka-chip">{}</span>', ident)
    address = reverse("compliance:clause", args=[ident])
    return format_html('<a class="ka-chip" href="{}" title="{}">{}</a>', address, node.title, ident)
