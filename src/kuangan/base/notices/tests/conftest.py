from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime

import pytest
import uvicorn

from kuangan.base import notices
from kuangan.base.notices.models import Channel, Notice
from kuangan.base.notices.testgateway import application

AT = datetime(2026, 11, 21, 1, 0, tzinfo=UTC)


@contextmanager
def serve(app: object) -> Iterator[str]:
    """The address of an ASGI app on a free port."""
    server = uvicorn.Server(uvicorn.Config(app, port=0, log_level="error", lifespan="off"))
    thread = threading.Thread(target=server.run, daemon=True)
    thread.start()
    while not server.started:
        time.sleep(0.01)
    yield f"http://127.0.0.1:{server.servers[0].sockets[0].getsockname()[1]}"
    server.should_exit = True
    thread.join()


@pytest.fixture(scope="module")
def gateway() -> Iterator[str]:
    with serve(application(key="1")) as address:
        yield address


@pytest.fixture
def configure(settings) -> Callable[..., None]:
    """Give the installation gateways."""

    def use(**values: object) -> None:
        settings.KUANGAN = settings.KUANGAN.model_copy(update=values)

    return use


@pytest.fixture
def queue(db: None) -> Callable[..., Notice]:
    def put(channel: Channel = Channel.INBOX, to: str = "user:1", key: str = "k", at: datetime = AT) -> Notice:
        return notices.send(
            channel=channel,
            to=to,
            subject="红色告警",
            body="示例煤业 T 甲烷超限",
            subject_kind="case",
            subject_id="1",
            key=key,
            at=at,
        )

    return put
