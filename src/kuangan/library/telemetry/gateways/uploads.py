"""Reads the frames out of a request body as it streams in; nothing beyond the limits is ever held."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from python_multipart.exceptions import FormParserError
from python_multipart.multipart import MultipartParser, parse_options_header

from kuangan.library.telemetry.gateways.intake import Limits

if TYPE_CHECKING:
    from python_multipart.multipart import MultipartCallbacks


class BodyRefused(Exception):
    """The whole request is refused; carries the reason code and how many bytes were seen."""

    def __init__(self, reason: str, size: int) -> None:
        super().__init__(reason)
        self.reason = reason
        self.size = size


@dataclass(slots=True)
class Part:
    """One offered frame; `payload` is None when it was larger than allowed."""

    name: str = ""
    size: int = 0
    payload: bytes | None = b""
    chunks: list[bytes] = field(default_factory=list)

    def add(self, chunk: bytes, limits: Limits) -> None:
        """Takes more bytes; lets go of all of them once there are too many."""
        self.size += len(chunk)
        if self.size <= limits.frame_bytes:
            self.chunks.append(chunk)
        else:
            self.chunks.clear()
            self.payload = None

    def close(self) -> None:
        """Joins what was taken."""
        if self.payload is not None:
            self.payload = b"".join(self.chunks)
        self.chunks.clear()


async def read_raw(name: str, stream: AsyncIterator[bytes], limits: Limits) -> list[Part]:
    """One body is one frame."""
    part = Part(name)
    async for chunk in stream:
        part.add(chunk, limits)
        if part.payload is None:
            raise BodyRefused("too_large", part.size)
    part.close()
    return [part]


async def read_multipart(content_type: str, stream: AsyncIterator[bytes], limits: Limits) -> list[Part]:
    """Every part with a file name is one frame."""
    _, options = parse_options_header(content_type)
    boundary = options.get(b"boundary")
    if not boundary:
        raise BodyRefused("malformed", 0)
    collector = _Collector(limits)
    total = 0
    try:
        parser = MultipartParser(boundary, collector.callbacks())
        async for chunk in stream:
            total += len(chunk)
            if total > limits.request_bytes or len(collector.parts) > limits.frames_per_request:
                raise BodyRefused("too_large", total)
            parser.write(chunk)
        parser.finalize()
    except FormParserError as error:
        raise BodyRefused("malformed", total) from error
    if not collector.complete:
        raise BodyRefused("malformed", total)
    return [part for part in collector.parts if part.name]


class _Collector:
    """Callbacks of the multipart parser."""

    def __init__(self, limits: Limits) -> None:
        self.parts: list[Part] = []
        self.complete = False
        self._limits = limits
        self._field = b""
        self._value = b""

    def callbacks(self) -> MultipartCallbacks:
        return {
            "on_part_begin": self._begin,
            "on_part_data": self._data,
            "on_part_end": self._end,
            "on_header_field": self._header_field,
            "on_header_value": self._header_value,
            "on_header_end": self._header_end,
            "on_end": self._finish,
        }

    def _begin(self) -> None:
        self.parts.append(Part())

    def _data(self, data: bytes, start: int, end: int) -> None:
        self.parts[-1].add(data[start:end], self._limits)

    def _end(self) -> None:
        self.parts[-1].close()

    def _header_field(self, data: bytes, start: int, end: int) -> None:
        self._field += data[start:end]

    def _header_value(self, data: bytes, start: int, end: int) -> None:
        self._value += data[start:end]

    def _header_end(self) -> None:
        if self._field.lower() == b"content-disposition":
            _, options = parse_options_header(self._value)
            self.parts[-1].name = options.get(b"filename", b"").decode("utf-8", "replace")
        self._field = self._value = b""

    def _finish(self) -> None:
        self.complete = True
