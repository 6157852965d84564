"""One poll of the database per web process, fanned out to every page that listens.

The first listener starts a task on the running event loop; it asks the database twice a second whether anything
changed and looks at the heartbeats. What a page is told is worked out once per distinct scope and change, however many
pages share that scope. A slow page misses nothing: it asks for all that changed since the version it last saw.
"""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import AsyncGenerator, Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from functools import partial
from typing import Any, ParamSpec, TypeVar
from weakref import WeakKeyDictionary

from asgiref.sync import SyncToAsync, sync_to_async
from django.db import DatabaseError, close_old_connections, connections

from kuangan.base.clock import now, to_ms
from kuangan.base.people.scope import Scope
from kuangan.portal.pulse import Marks, changed_between, counts_within, read_marks, visible_among
from kuangan.portal.status import Item, machinery_items, mine_items
from kuangan.portal.visibility import codes_within

POLL_SECONDS = 0.5
HEARTBEAT_SECONDS = 1.0
IDLE_SECONDS = 30.0
STRIP_SECONDS = 0.9
REMEMBERED = 256
DATABASE_DOWN = Item("database", "数据库", "无法读取", "bad")

Message = dict[str, Any]
P = ParamSpec("P")
T = TypeVar("T")


class Hub:
    """State shared by the listeners of one event loop. Its database work runs on one thread of its own."""

    def __init__(self) -> None:
        self.polls = 0
        self.listeners = 0
        self.version = 0
        self.marks: Marks | None = None
        self.failing = False
        self._history: deque[tuple[int, frozenset[int]]] = deque(maxlen=REMEMBERED)
        self._changed = asyncio.Event()
        self._first = asyncio.Lock()
        self._task: asyncio.Task[None] | None = None
        self._asked = 0.0
        self._thread = _own_thread()
        self._counts: dict[Scope, dict[str, int]] = {}
        self._visible: dict[tuple[Scope, int, int], list[int]] = {}
        self._strips: dict[Scope, tuple[float, list[Item]]] = {}

    async def listen(self, scope: Scope) -> AsyncGenerator[Message, None]:
        """Messages for a scope: one at once, one on each change, and one a second in between."""
        self.listeners += 1
        try:
            await self.wake()
            seen = self.version
            yield await self.message(scope, seen)
            while True:
                if self.version == seen:
                    with suppress(TimeoutError):
                        await asyncio.wait_for(self._changed.wait(), HEARTBEAT_SECONDS)
                since, seen = seen, self.version
                yield await self.message(scope, since)
        finally:
            self.listeners -= 1
            self._asked = _time()

    async def wake(self) -> None:
        """Make sure that the poll runs and that there is a first answer."""
        self._asked = _time()
        if self._task is None or self._task.done():
            self.marks = None
            self._task = asyncio.get_running_loop().create_task(self._run())
        async with self._first:
            if self.marks is None:
                await self.poll()

    async def poll(self) -> None:
        """Ask the database once; a failure is told to the pages and tried again by the next poll."""
        self.polls += 1
        try:
            marks, changed = await self._threaded(_ask, self.marks)
        except DatabaseError:
            self.failing = True
            return
        known, self.marks, self.failing = self.marks, marks, False
        if known is not None and marks != known:
            self.version += 1
            self._history.append((self.version, changed))
            self._counts.clear()
            self._visible.clear()
            waiting, self._changed = self._changed, asyncio.Event()
            waiting.set()

    async def message(self, scope: Scope, since: int) -> Message:
        """What a page of this scope is told: strip, counts, and which of its cases changed after version `since`."""
        key = scope, since, self.version
        strip = self._strips.get(scope)
        stale = strip is None or _time() - strip[0] > STRIP_SECONDS
        if not self.failing and (stale or scope not in self._counts or key not in self._visible):
            try:
                await self._threaded(self._look, key, self._changed_since(since), _time())
            except DatabaseError:
                self.failing = True
        items = [DATABASE_DOWN] if self.failing else self._strips[scope][1]
        return {
            "seq": self.marks.token if self.marks else "",
            "clock": to_ms(now()),
            "strip": [item.as_json() for item in items],
            "counts": self._counts.get(scope, {}),
            "changed": self._visible.get(key, []),
        }

    def _changed_since(self, since: int) -> frozenset[int]:
        return frozenset().union(*(ids for version, ids in self._history if version > since))

    def _look(self, key: tuple[Scope, int, int], changed: frozenset[int], time: float) -> None:
        """Fill what is not yet known of a scope; runs on the hub's thread.

        The version at which `changed` was worked out is part of the key: a poll may raise it while this runs, and what
        was seen before must not stand for what came since.
        """
        at, scope = now(), key[0]
        known = self._strips.get(scope)
        if known is None or time - known[0] > STRIP_SECONDS:
            self._strips[scope] = time, [*machinery_items(at), *mine_items(codes_within(scope, at))]
        if scope not in self._counts:
            self._counts[scope] = counts_within(scope, at)
        if key not in self._visible:
            self._visible[key] = visible_among(scope, changed, at)
        close_old_connections()

    async def _run(self) -> None:
        try:
            while self.listeners or _time() - self._asked < IDLE_SECONDS:
                await asyncio.sleep(POLL_SECONDS)
                await self.poll()
        finally:
            if self._thread is not None:
                await self._threaded(connections.close_all)

    async def _threaded(self, function: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
        if self._thread is None:
            return await sync_to_async(function)(*args, **kwargs)
        return await asyncio.get_running_loop().run_in_executor(self._thread, partial(function, *args, **kwargs))


def _ask(known: Marks | None) -> tuple[Marks, frozenset[int]]:
    marks = read_marks()
    changed = changed_between(known, marks) if known is not None and known != marks else frozenset[int]()
    return marks, changed


def _own_thread() -> ThreadPoolExecutor | None:
    """One thread for the database work of a hub; it outlives the request that happened to come first.

    None where requests have no threads of their own (the test client), and the work belongs on the caller's.
    """
    if SyncToAsync.thread_sensitive_context.get(None) is None:
        return None
    return ThreadPoolExecutor(max_workers=1, thread_name_prefix="hub")


def _time() -> float:
    return asyncio.get_running_loop().time()


_hubs: WeakKeyDictionary[asyncio.AbstractEventLoop, Hub] = WeakKeyDictionary()


def hub() -> Hub:
    """The hub of the running event loop: one per web process."""
    return _hubs.setdefault(asyncio.get_running_loop(), Hub())
