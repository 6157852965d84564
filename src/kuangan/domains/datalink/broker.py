"""Who may publish at the MQTT broker: one user for each token that holds."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

from kuangan.domains.datalink.models import ANY_CODE, Sender
from kuangan.library.telemetry.gateways.mosquitto import BrokerUser


def broker_users(at: datetime) -> list[BrokerUser]:
    """The users of all accounts in use, in the order of their numbers."""
    return [user for sender in Sender.objects.filter(disabled=False).order_by("pk") for user in _users(sender, at)]


def _users(sender: Sender, at: datetime) -> Iterator[BrokerUser]:
    codes = [ANY_CODE] if sender.any_mine else sender.codes
    if sender.previous_broker_hash and sender.previous_until is not None and at < sender.previous_until:
        yield BrokerUser(f"{sender.pk}.{sender.token_serial - 1}", sender.previous_broker_hash, codes)
    if sender.broker_hash:
        yield BrokerUser(sender.broker_user, sender.broker_hash, codes)
