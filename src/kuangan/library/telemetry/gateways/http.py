"""The HTTP gateway: `POST /v1/frames`, answered per frame, and `POST /mine/ai/<path>`; only after the frames are durable."""

from __future__ import annotations

from collections.abc import Awaitable, Callable

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse
from starlette.routing import Route

from kuangan.library.telemetry.gateways import video
from kuangan.library.telemetry.gateways.admission import hindrance
from kuangan.library.telemetry.gateways.intake import Intake
from kuangan.library.telemetry.gateways.senders import Sender, Senders
from kuangan.library.telemetry.gateways.uploads import BodyRefused, Part, read_multipart, read_raw

RETRY_SECONDS = "30"
Take = Callable[[Sender, str], Awaitable[JSONResponse]]
Refused = Callable[[int, str, dict[str, str]], JSONResponse]


def create_app(intake: Intake, senders: Senders) -> Starlette:
    """The ASGI application of one gateway."""
    gateway = HttpGateway(intake, senders)
    return Starlette(
        routes=[
            Route("/v1/frames", gateway.frames, methods=["POST"]),
            Route("/mine/ai/{path}", gateway.video, methods=["POST"]),
            Route("/v1/health", gateway.health, methods=["GET"]),
        ]
    )


class HttpGateway:
    """The end points."""

    def __init__(self, intake: Intake, senders: Senders) -> None:
        self._intake = intake
        self._senders = senders

    async def health(self, request: Request) -> JSONResponse:
        """Whether frames are taken at present."""
        full, damaged = self._intake.disk_full, bool(self._senders.damaged)
        status = "disk" if full else "senders" if damaged else "ok"
        content = {"gateway": self._intake.writer.gateway, "status": status}
        unable = damaged and not self._senders.any_known
        return JSONResponse(content, status_code=507 if full else 503 if unable else 200)

    async def frames(self, request: Request) -> JSONResponse:
        """Takes one raw frame or many multipart ones."""
        name = request.headers.get("x-frame-name", "")

        async def take(sender: Sender, address: str) -> JSONResponse:
            return await self._store(await self._read(request, name, _declared(request)), sender, address)

        return await self._admitted(request, name, take, _refused)

    async def video(self, request: Request) -> JSONResponse:
        """Takes what a camera's analysis tells (MT/T 1201.6): a JSON array, kept as one frame under a name of ours."""
        path = request.path_params["path"]
        if path not in video.PATHS:
            return video.answer(404, "path", {})

        async def take(sender: Sender, address: str) -> JSONResponse:
            part, *_ = await self._read(request, path, _declared(request))
            name = video.named(path, part.payload or b"", sender, self._intake.clock())
            part.name = name
            told = self._take(part, sender, address)
            if told["reason"]:
                return video.answer(413 if told["reason"] == "too_large" else 403, str(told["reason"]), {})
            await self._intake.durable()
            return video.answer(200, "success", {})

        return await self._admitted(request, path, take, video.answer)

    async def _admitted(self, request: Request, name: str, take: Take, refused: Refused) -> JSONResponse:
        """What a known sender sends, as far as there is room; `refused` says in the words of the end point why not."""
        address = request.client.host if request.client else ""
        declared = _declared(request)
        scheme, _, token = request.headers.get("authorization", "").partition(" ")
        sender = self._senders.match(token.strip()) if scheme.lower() == "bearer" else None
        if sender is None and self._senders.damaged:
            return refused(503, "senders", {"Retry-After": RETRY_SECONDS})
        if sender is None:
            self._intake.refuse(name, "token", declared, address, "")
            return refused(401, "token", {"WWW-Authenticate": "Bearer"})
        if self._intake.disk_full or self._intake.in_flight + declared > self._intake.limits.in_flight_bytes:
            return refused(507, "disk", {"Retry-After": RETRY_SECONDS})
        held = min(declared or self._intake.limits.request_bytes, self._intake.limits.request_bytes)
        self._intake.in_flight += held
        try:
            return await take(sender, address)
        except BodyRefused as fault:
            self._intake.refuse(name, fault.reason, max(fault.size, declared), address, sender.id)
            return refused(413 if fault.reason == "too_large" else 400, fault.reason, {"Connection": "close"})
        except OSError:
            return refused(507, "disk", {"Retry-After": RETRY_SECONDS})
        finally:
            self._intake.in_flight -= held

    async def _read(self, request: Request, name: str, declared: int) -> list[Part]:
        limits = self._intake.limits
        if declared > limits.request_bytes:
            raise BodyRefused("too_large", declared)
        content_type = request.headers.get("content-type", "")
        if content_type.lower().startswith("multipart/form-data"):
            return await read_multipart(content_type, request.stream(), limits)
        if not name:
            raise BodyRefused("unnamed", declared)
        return await read_raw(name, request.stream(), limits)

    async def _store(self, parts: list[Part], sender: Sender, address: str) -> JSONResponse:
        answers = [self._take(part, sender, address) for part in parts]
        await self._intake.durable()
        return JSONResponse({"frames": answers})

    def _take(self, part: Part, sender: Sender, address: str) -> dict[str, object]:
        name = part.name.replace("\\", "/").rsplit("/", 1)[-1]
        reason = hindrance(sender, name, part.size, self._intake.limits)
        if reason or part.payload is None:
            self._intake.refuse(name, reason, part.size, address, sender.id)
            return {"name": part.name, "status": "refused", "seq": None, "reason": reason}
        seq = self._intake.upload(name, f"http:{sender.id}", part.payload)
        return {"name": part.name, "status": "stored", "seq": seq, "reason": ""}


def _declared(request: Request) -> int:
    text = request.headers.get("content-length", "")
    return int(text) if text.isdecimal() else 0


def _refused(status: int, reason: str, headers: dict[str, str]) -> JSONResponse:
    return JSONResponse({"frames": [], "reason": reason}, status_code=status, headers=headers)
