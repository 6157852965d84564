"""Real servers on this machine take what each channel sends."""

from __future__ import annotations

import socketserver
import threading
from collections.abc import Callable, Iterator

import httpx
import pytest
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import Route

from kuangan.base import notices
from kuangan.base.notices.models import Channel, Delivery, Notice, NoticeState
from kuangan.base.notices.tests.conftest import AT, serve

Queue = Callable[..., Notice]
Configure = Callable[..., None]


def state_after_delivery() -> tuple[str, str]:
    notices.deliver(AT)
    return Notice.objects.get().state, Delivery.objects.latest("pk").detail


def test_an_sms_reaches_the_gateway(queue: Queue, configure: Configure, gateway: str) -> None:
    configure(sms_url=f"{gateway}/sms")
    notice = queue(Channel.SMS, "13800000000")
    assert state_after_delivery() == (NoticeState.SENT, "HTTP 202")
    message = httpx.get(f"{gateway}/messages").json()[-1]
    assert message == {
        "channel": "sms",
        "id": notice.pk,
        "to": "13800000000",
        "subject": "红色告警",
        "body": "示例煤业 T 甲烷超限",
    }


def test_a_gateway_that_is_down_or_says_no_is_a_failed_attempt(
    queue: Queue, configure: Configure, gateway: str
) -> None:
    queue(Channel.SMS, "13800000000")
    configure(sms_url="http://127.0.0.1:9/sms")
    assert state_after_delivery() == (NoticeState.QUEUED, "Failed: ConnectError")
    Notice.objects.update(next_at=AT)
    configure(sms_url=f"{gateway}/no/such/place")
    assert state_after_delivery() == (NoticeState.QUEUED, "Failed: HTTP 404")


@pytest.fixture(scope="module")
def receiver() -> Iterator[tuple[str, list[dict[str, object]]]]:
    got: list[dict[str, object]] = []

    async def take(request: Request) -> Response:
        got.append(await request.json())
        return Response()

    async def elsewhere(request: Request) -> Response:
        return RedirectResponse("/hook", 307)

    routes = [Route("/hook", take, methods=["POST"]), Route("/away", elsewhere, methods=["POST"])]
    with serve(Starlette(routes=routes)) as address:
        yield address, got


def test_a_webhook_reaches_an_allowed_address(queue: Queue, configure: Configure, receiver) -> None:
    address, got = receiver
    configure(webhook_allowed=[address])
    queue(Channel.WEBHOOK, f"{address}/hook")
    assert state_after_delivery()[0] == NoticeState.SENT
    assert (got[-1]["title"], got[-1]["message"]) == ("红色告警", "示例煤业 T 甲烷超限")


def test_a_webhook_does_not_follow_a_way_out_of_the_list(queue: Queue, configure: Configure, receiver) -> None:
    address, got = receiver
    configure(webhook_allowed=[address])
    before = len(got)
    queue(Channel.WEBHOOK, f"{address}/away?redirect=yes")
    assert state_after_delivery()[0] == NoticeState.QUEUED
    assert len(got) == before


@pytest.mark.parametrize(
    "address",
    [
        "http://127.0.0.1:1/hook",
        "https://hooks.example.org:8443/",
        "http://hooks.example.org/",
        "https://hooks.example.org.evil.example/",
        "https://hooks.example.org@evil.example/",
        "https://user@hooks.example.org/",
        "file:///etc/passwd",
        "json://hooks.example.org/",
        "https://hooks.example.org:99999/",
        "nonsense",
    ],
)
def test_a_webhook_to_any_other_address_is_refused(queue: Queue, configure: Configure, address: str) -> None:
    configure(webhook_allowed=["https://hooks.example.org"])
    queue(Channel.WEBHOOK, address)
    assert state_after_delivery() == (NoticeState.FAILED, "接收地址不在允许清单内")


class MailServer(socketserver.StreamRequestHandler):
    """Just enough of SMTP to take one message."""

    def handle(self) -> None:
        self.answer("220 test")
        in_data = False
        for raw in self.rfile:
            line = raw.decode().rstrip("\r\n")
            self.server.lines.append(line)
            if in_data:
                if line == ".":
                    in_data = False
                    self.answer("250 taken")
            elif line.upper() == "DATA":
                in_data = True
                self.answer("354 go on")
            elif line.upper() == "QUIT":
                self.answer("221 bye")
                return
            else:
                self.answer("250 ok")

    def answer(self, text: str) -> None:
        self.wfile.write(f"{text}\r\n".encode())


@pytest.fixture
def mail_server() -> Iterator[tuple[int, list[str]]]:
    with socketserver.ThreadingTCPServer(("127.0.0.1", 0), MailServer) as server:
        server.daemon_threads = True
        lines: list[str] = []
        server.lines = lines
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield server.server_address[1], lines
        server.shutdown()


def test_a_mail_reaches_the_mail_server(queue: Queue, configure: Configure, mail_server) -> None:
    port, lines = mail_server
    configure(smtp_url=f"mailto://127.0.0.1:{port}?from=desk@example.org&mode=insecure")
    queue(Channel.EMAIL, "officer+night@example.org")
    assert state_after_delivery()[0] == NoticeState.SENT
    assert any(line.upper().startswith("RCPT TO:<OFFICER+NIGHT@EXAMPLE.ORG>") for line in lines)


@pytest.mark.parametrize("channel", [Channel.EMAIL, Channel.WEBHOOK, Channel.SMS, Channel.VOICE])
def test_every_channel_without_a_gateway_keeps_its_notices(queue: Queue, channel: Channel) -> None:
    queue(channel, "https://hooks.example.org/")
    notices.deliver(AT)
    assert Notice.objects.get().state == NoticeState.UNCONFIGURED
