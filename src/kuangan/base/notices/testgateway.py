"""A gateway for SMS and voice calls that sends nothing: it keeps messages and, as a called person would, presses a key.

Run it with `python -m kuangan.base.notices.testgateway [--port 8025] [--key 1]`; `GET /messages` shows what came.
"""

from __future__ import annotations

import argparse
from collections import deque
from typing import Any

import httpx
import uvicorn
from starlette.applications import Starlette
from starlette.background import BackgroundTask
from starlette.requests import Request
from starlette.responses import JSONResponse
from starlette.routing import Route

KEPT = 1_000


def application(key: str = "1") -> Starlette:
    """The app. `key` is pressed on every call; an empty one stands for a person who does not pick up."""
    messages: deque[dict[str, Any]] = deque(maxlen=KEPT)

    async def take(request: Request) -> JSONResponse:
        message = {"channel": request.path_params["channel"], **await request.json()}
        messages.append(message)
        callback = message.get("callback")
        pressed = BackgroundTask(_press, callback, key) if callback and key else None
        return JSONResponse({"taken": True}, status_code=202, background=pressed)

    async def show(request: Request) -> JSONResponse:
        return JSONResponse(list(messages))

    return Starlette(
        routes=[Route("/messages", show), Route("/{channel:str}", take, methods=["POST"])],
    )


async def _press(callback: str, key: str) -> None:
    async with httpx.AsyncClient(timeout=10, trust_env=False) as client:
        await client.post(callback, data={"key": key})


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--port", type=int, default=8025)
    parser.add_argument("--key", default="1")
    chosen = parser.parse_args()
    uvicorn.run(application(chosen.key), host="127.0.0.1", port=chosen.port, log_level="warning")


if __name__ == "__main__":
    main()
