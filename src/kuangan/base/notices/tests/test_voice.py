from __future__ import annotations

import time
from collections.abc import Callable

import pytest
from django.test import Client
from django.urls import reverse

from kuangan.base import notices
from kuangan.base.notices import answers
from kuangan.base.notices.models import Channel, Delivery, Notice
from kuangan.base.notices.tests.conftest import AT

Queue = Callable[..., Notice]


def press(token: str, key: str) -> int:
    return Client().post(reverse("notices:answer", args=[token]), {"key": key}).status_code


def test_a_pressed_key_is_recorded_and_the_first_one_stands(queue: Queue) -> None:
    notice = queue(Channel.VOICE, "13800000000")
    assert [press(answers.token(notice), key) for key in "12"] == [204, 204]
    notice.refresh_from_db()
    assert notice.answer == "1"
    assert notice.answered_at is not None
    assert [row.detail for row in Delivery.objects.all()] == ["按键 1"]


def test_a_forged_token_or_no_key_is_refused(queue: Queue) -> None:
    notice = queue(Channel.VOICE, "13800000000")
    assert press(f"{notice.pk}:forged", "1") == 404
    assert press(answers.token(notice), "") == 404
    assert press(answers.token(notice), "10") == 404
    assert press(answers.token(queue(Channel.SMS, key="sms")), "1") == 404
    notice.refresh_from_db()
    assert notice.answer == ""


@pytest.mark.django_db(transaction=True)
def test_a_call_rings_and_the_key_comes_back(queue, configure, gateway: str, live_server) -> None:
    configure(voice_url=f"{gateway}/voice", public_url=live_server.url)
    notice = queue(Channel.VOICE, "13800000000")
    assert notices.deliver(AT) == 1
    give_up = time.monotonic() + 10
    while not notice.answer and time.monotonic() < give_up:
        time.sleep(0.05)
        notice.refresh_from_db()
    assert notice.answer == "1"
