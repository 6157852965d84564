"""The MQTT carrier: a subscriber with a session that outlives it, which acknowledges after the commit and not before.

A message on `<root>/<mine code>/<file name>` is one file. Who published it only the broker knows: its access list binds
users to mine codes, the gateway sees that topic and name agree and that some sender may speak for that mine.
"""

from __future__ import annotations

import asyncio
import logging
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from paho.mqtt.client import Client, ConnectFlags, DisconnectFlags, MQTTMessage
from paho.mqtt.enums import CallbackAPIVersion, MQTTErrorCode
from paho.mqtt.properties import Properties
from paho.mqtt.reasoncodes import ReasonCode

from kuangan.library.telemetry.gateways.intake import Intake
from kuangan.library.telemetry.gateways.senders import Senders
from kuangan.library.telemetry.names import parse_name

log = logging.getLogger(__name__)
KEEPALIVE_S: Final = 30
LONGEST_PAUSE_S: Final = 60
LOOK_S: Final = 0.2
PAUSE_WITHOUT_ROOM_S: Final = 5.0


@dataclass(frozen=True, slots=True)
class MqttSettings:
    """Where the broker is and as whom the gateway subscribes; `authority` is the file of the CA when TLS is used."""

    host: str
    port: int = 1883
    user: str = ""
    password: str = ""
    tls: bool = False
    authority: Path | None = None
    root: str = "kuangan"
    client_id: str = ""


class MqttGateway:
    """The subscriber of one gateway; paho's own thread reads, the event loop stores."""

    def __init__(self, intake: Intake, senders: Senders, settings: MqttSettings) -> None:
        self._intake = intake
        self._senders = senders
        self._settings = settings
        self._loop = asyncio.get_running_loop()
        self._connection = 0
        self._stuck = False
        self._state: dict[str, object] = {"connected": False, "since": intake.clock(), "reason": "", "received": 0}
        self._received = 0

    async def run(self, stop: asyncio.Event) -> None:
        """Stays connected until told to stop. Without room it leaves, so that the broker keeps what it holds."""
        while not stop.is_set():
            if not self._intake.disk_full:
                await self._stay(stop)
            if not stop.is_set():
                self._note(False, "no room")
                await _pause(stop, PAUSE_WITHOUT_ROOM_S)

    async def _stay(self, stop: asyncio.Event) -> None:
        self._stuck = False
        client = self._client()
        client.connect_async(self._settings.host, self._settings.port, KEEPALIVE_S)
        client.loop_start()
        try:
            while not (stop.is_set() or self._stuck or self._intake.disk_full):
                await _pause(stop, LOOK_S)
        finally:
            client.disconnect()
            await asyncio.to_thread(client.loop_stop)

    def state(self) -> dict[str, object]:
        """For the heartbeat."""
        return self._state | {"received": self._received}

    def _client(self) -> Client:
        known = self._settings
        client = Client(
            CallbackAPIVersion.VERSION2,
            client_id=known.client_id or f"kuangan-{self._intake.writer.gateway}",
            clean_session=False,
            manual_ack=True,
        )
        client.reconnect_delay_set(1, LONGEST_PAUSE_S)
        if known.user:
            client.username_pw_set(known.user, known.password)
        if known.tls:
            client.tls_set(str(known.authority) if known.authority else None)
        client.on_connect = self._connected
        client.on_connect_fail = lambda *_: self._note(False, "unreachable")
        client.on_disconnect = self._disconnected
        client.on_subscribe = self._subscribed
        client.on_message = self._arrived
        return client

    # --- called in paho's thread ------------------------------------------------------------------------------------

    def _connected(
        self, client: Client, userdata: Any, flags: ConnectFlags, reason: ReasonCode, properties: Properties | None
    ) -> None:
        if reason.is_failure:
            self._note(False, str(reason))
            return
        self._connection += 1
        client.subscribe(f"{self._settings.root}/+/+", qos=1)

    def _subscribed(
        self, client: Client, userdata: Any, mid: int, reasons: list[ReasonCode], properties: Properties | None
    ) -> None:
        refused = [str(reason) for reason in reasons if reason.is_failure]
        self._note(not refused, "; ".join(refused))

    def _disconnected(
        self, client: Client, userdata: Any, flags: DisconnectFlags, reason: ReasonCode, properties: Properties | None
    ) -> None:
        self._connection += 1
        self._note(False, str(reason))

    def _arrived(self, client: Client, userdata: Any, message: MQTTMessage) -> None:
        store = self._store(client, message, self._connection)
        asyncio.run_coroutine_threadsafe(store, self._loop)

    # --- called in the event loop -----------------------------------------------------------------------------------

    async def _store(self, client: Client, message: MQTTMessage, connection: int) -> None:
        """Frame or refusal, made durable; then the acknowledgement, unless the connection is another by now."""
        _, code, name = message.topic.rsplit("/", 2)
        reason = self._hindrance(code, name, len(message.payload))
        if reason == "foreign_mine" and self._senders.damaged:
            durable = False
        elif reason:
            self._intake.refuse(name, reason, len(message.payload), f"mqtt:{code}", "")
            durable = await self._noted()
        else:
            durable = await self._intake.take(name, f"mqtt:{code}", bytes(message.payload))
        if not durable:
            self._stuck = True
        elif connection == self._connection:
            self._received += 1
            if client.ack(message.mid, message.qos) != MQTTErrorCode.MQTT_ERR_SUCCESS:
                log.warning("message %s could not be acknowledged; the broker sends it again", message.mid)

    async def _noted(self) -> bool:
        try:
            await self._intake.durable()
        except OSError:
            return False
        return True

    def _hindrance(self, code: str, name: str, size: int) -> str:
        found = parse_name(name)
        if size > self._intake.limits.frame_bytes:
            return "too_large"
        if found is None:
            return "unnamed"
        if found.mine != code:
            return "place_differs"
        return "" if self._senders.anyone_for(code) else "foreign_mine"

    def _note(self, connected: bool, reason: str) -> None:
        if (connected, reason) != (self._state["connected"], self._state["reason"]):
            log.info("broker %s: %s", "connected" if connected else "not connected", reason)
            self._state = {"connected": connected, "since": self._intake.clock(), "reason": reason}


async def _pause(stop: asyncio.Event, seconds: float) -> None:
    with_end = asyncio.create_task(stop.wait())
    await asyncio.wait({with_end}, timeout=seconds)
    with_end.cancel()
