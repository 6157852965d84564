"""How each channel leaves the house. Addresses of gateways come from the settings of the installation, nowhere else."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Protocol
from urllib.parse import parse_qsl, quote, urlencode, urlsplit

import apprise
import httpx
from django.conf import settings

from kuangan.base.notices.answers import callback
from kuangan.base.notices.models import Channel, Notice

TIMEOUT_SECONDS = 10.0
PORTS = {"http": 80, "https": 443}

Origin = tuple[str, str, int]


class Refused(Exception):
    """The address may not be used at all; trying again would not help."""


class Failed(Exception):
    """This attempt did not succeed; another may."""


class Adapter(Protocol):
    def ready(self) -> bool:
        """Whether the installation has what the channel needs; if not, notices are kept and shown as such."""

    def send(self, notice: Notice) -> str:
        """Send one notice and say what the other side answered. Raises Refused or Failed."""


class Inbox:
    """An in-app notice has arrived as soon as it is written."""

    def ready(self) -> bool:
        return True

    def send(self, notice: Notice) -> str:
        return "站内送达"


class Email:
    """By the apprise address of the mail server, which gets the receiver added."""

    def ready(self) -> bool:
        return bool(settings.KUANGAN.smtp_url)

    def send(self, notice: Notice) -> str:
        server: str = settings.KUANGAN.smtp_url
        return _through_apprise(f"{server}{'&' if '?' in server else '?'}to={quote(notice.to)}", notice)


class Webhook:
    """JSON to an address whose origin (scheme, host and port) is on the installation's list.

    Anything else is refused: a notice must not become a way to reach the inside of the network.
    """

    def ready(self) -> bool:
        return bool(settings.KUANGAN.webhook_allowed)

    def send(self, notice: Notice) -> str:
        if not allowed(notice.to, settings.KUANGAN.webhook_allowed):
            raise Refused("接收地址不在允许清单内")
        parts = urlsplit(notice.to)
        scheme = {"http": "json", "https": "jsons"}[parts.scheme]
        # A redirect would lead past the list, and apprise reads its own options from the query.
        query = [(name, value) for name, value in parse_qsl(parts.query) if name.lower() != "redirect"]
        address = parts._replace(scheme=scheme, query=urlencode([*query, ("redirect", "no")]), fragment="")
        return _through_apprise(address.geturl(), notice)


@dataclass(frozen=True)
class HttpGateway:
    """SMS and voice calls: JSON by POST to the one address of the gateway; any 2xx answer counts as taken over.

    A voice call carries the address to which the gateway reports the key that was pressed.
    """

    setting: str

    def ready(self) -> bool:
        return bool(getattr(settings.KUANGAN, self.setting))

    def send(self, notice: Notice) -> str:
        message = {"id": notice.pk, "to": notice.to, "subject": notice.subject, "body": notice.body}
        if notice.channel == Channel.VOICE:
            message["callback"] = callback(notice)
        address: str = getattr(settings.KUANGAN, self.setting)
        try:
            answer = httpx.post(address, json=message, timeout=TIMEOUT_SECONDS, trust_env=False)
        except httpx.HTTPError as error:
            raise Failed(type(error).__name__) from error
        if not answer.is_success:
            raise Failed(f"HTTP {answer.status_code}")
        return f"HTTP {answer.status_code}"


ADAPTERS: Mapping[str, Adapter] = {
    Channel.INBOX: Inbox(),
    Channel.EMAIL: Email(),
    Channel.WEBHOOK: Webhook(),
    Channel.SMS: HttpGateway("sms_url"),
    Channel.VOICE: HttpGateway("voice_url"),
}


def allowed(address: str, origins: Iterable[str]) -> bool:
    """Whether an address has one of these origins and carries no sign-in."""
    known = {_origin(origin) for origin in origins} - {None}
    return _origin(address) in known and "@" not in urlsplit(address).netloc


def _through_apprise(address: str, notice: Notice) -> str:
    sender = apprise.Apprise()
    if not sender.add(address):
        raise Refused("地址无法识别")
    if not sender.notify(body=notice.body or notice.subject, title=notice.subject):
        raise Failed("对方未接收")
    return "对方已接收"


def _origin(address: str) -> Origin | None:
    """Scheme, host and port; None for what is no web address."""
    try:
        parts = urlsplit(address)
        port = parts.port
    except ValueError:
        return None
    if parts.scheme not in PORTS or not parts.hostname:
        return None
    return parts.scheme, parts.hostname.lower(), port or PORTS[parts.scheme]
