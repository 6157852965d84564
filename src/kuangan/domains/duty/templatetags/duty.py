"""`{{ number|case_page:"alert" }}`: the address of a case's page by its kind, whichever room it belongs to."""

from __future__ import annotations

from django import template
from django.urls import reverse

from kuangan.base.case.flow import page_of

register = template.Library()


@register.filter
def case_page(number: str, kind: str) -> str:
    return reverse(page_of(kind), args=[number])
