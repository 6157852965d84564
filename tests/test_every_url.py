"""Every address, tried as every role: strangers are sent to sign in, wrong roles get 403, wrong scope gets 404."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager, nullcontext
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from django.db import transaction
from django.urls import URLPattern, URLResolver, get_resolver, reverse

from tests.walk.expectations import EXPECTED, ROLES
from tests.walk.world import ARGUMENTS, FORMS, QUERIES, Arguments, World, build

if TYPE_CHECKING:
    from django.http import HttpResponse
    from django.test import Client

    from conftest import Cast

LIVE = ("portal:stream", "portal:state")


def leaves(patterns: list[Any], spaces: tuple[str, ...] = ()) -> list[str]:
    """The full names of all addresses below `patterns`; those without a name are shut ones that stand before others."""
    found = []
    for entry in patterns:
        if isinstance(entry, URLResolver):
            found += leaves(entry.url_patterns, (*spaces, entry.namespace) if entry.namespace else spaces)
        elif isinstance(entry, URLPattern) and entry.name:
            found.append(":".join((*spaces, entry.name)))
    return found


def given(table: dict[str, Callable[[World], Arguments]], name: str, world: World) -> Arguments:
    return table[name](world) if name in table else {}


@contextmanager
def undone() -> Iterator[None]:
    with transaction.atomic():
        yield
        transaction.set_rollback(True)


def answer(client: Client, name: str, world: World) -> str:
    """The status as text, `in` for the way to sign-in. What the request changes is rolled back."""
    name, _, method = name.partition(" ")
    address = reverse(name, kwargs=given(ARGUMENTS, name, world), query=given(QUERIES, name, world))
    with nullcontext() if name in LIVE else undone():
        response: HttpResponse
        response = client.post(address, given(FORMS, name, world)) if method == "POST" else client.get(address)
        if response.streaming and not response.is_async:
            b"".join(response)
    if response.status_code == 302 and response["Location"].startswith(reverse("account_login") + "?"):
        return "in"
    return str(response.status_code)


def test_every_address_has_its_row_and_every_row_its_address() -> None:
    names = set(leaves(get_resolver().url_patterns))
    assert names == {row.partition(" ")[0] for row in EXPECTED}


def test_every_row_says_what_each_role_gets() -> None:
    assert {row: len(text.split()) for row, text in EXPECTED.items()} == dict.fromkeys(EXPECTED, len(ROLES))


def faults(rows: Iterable[str], cast: Cast, at: datetime, client_of: Callable[[Any], Client]) -> list[str]:
    """Where an answer differs from the table."""
    world = build(cast, at)
    clients = {role: client_of(None if role == "stranger" else cast.people[role]) for role in ROLES}
    return [
        f"{row} as {role}: {got}, expected {wanted}"
        for row in rows
        for role, wanted in zip(ROLES, EXPECTED[row].split(), strict=True)
        if (got := answer(clients[role], row, world)) != wanted
    ]


@pytest.fixture
def own_home(tmp_path: Path, settings: Any) -> None:
    for name in ("spool", "run", "ledger", "hot", "config"):
        (tmp_path / name).mkdir()
    settings.HOME = tmp_path


@pytest.mark.usefixtures("own_home")
def test_each_role_gets_what_the_table_says(cast: Cast, moment: datetime, client_of: Callable[[Any], Client]) -> None:
    assert not faults([row for row in EXPECTED if row not in LIVE], cast, moment, client_of)


@pytest.mark.django_db(transaction=True)
@pytest.mark.usefixtures("own_home")
def test_live_addresses_which_give_back_their_connection_do_too(
    cast: Cast, moment: datetime, client_of: Callable[[Any], Client]
) -> None:
    assert not faults(LIVE, cast, moment, client_of)
