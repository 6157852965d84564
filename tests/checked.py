"""Hands that ask a check, for the tests of rooms: what it answers, and whether its pages show whom it answers about."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Any
from urllib.parse import urlsplit

from django.test import Client
from django.urls import resolve, reverse

from kuangan.base.compliance.checks import ANSWERS, Check, Evidence, Finding, State, registry
from kuangan.base.compliance.subjects import load

Answer = Callable[..., tuple[State, str]]


def check_of(ident: str) -> Check:
    return registry().checks[ident]


def findings_of(ident: str, at: datetime) -> dict[str, Finding]:
    """Every answer of a check by subject; each is one that a check may give, in words that hold."""
    check = check_of(ident)
    subjects = load(check.subject)
    found = {finding.subject: finding for finding in check.judge(subjects, at)}
    assert set(found) == set(subjects.ids)
    for finding in found.values():
        assert finding.state in ANSWERS
        said = check.told(finding.why, finding.inputs)
        assert said and "{" not in said
        assert finding.evidence
    return found


def answer_of(ident: str, subject: object, at: datetime) -> tuple[State, str]:
    """(state, why) of one subject."""
    finding = findings_of(ident, at)[str(subject)]
    return finding.state, finding.why


def address_of(page: Evidence) -> str:
    assert not page.query or page.query.startswith("?")
    return reverse(page.route, args=page.args) + page.query


def opened(client: Client, finding: Finding) -> list[str]:
    """The text of each page of a finding, which opens."""
    texts = []
    for page in finding.evidence:
        address = address_of(page)
        assert resolve(urlsplit(address).path)
        answer: Any = client.get(address)
        assert answer.status_code == 200, address
        texts.append(answer.content.decode())
    return texts
