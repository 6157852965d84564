"""`kuangan demo`: the whole system on one machine with synthetic mines; every name and figure is invented."""

from __future__ import annotations

import os
import socket
import threading
import time
from datetime import timedelta
from typing import Any

from kuangan.library.telemetry.files import FileLock
from kuangan.site.configuration import Configuration

FLEET_SEED = 1
HISTORY_RHYTHM_S = 60
CALLS_PORT = 8025


def run(configuration: Configuration, mines: int, rhythm: int, hours: int, as_json: bool) -> None:
    """Prepare once, start everything, feed it until interrupted."""
    began = time.monotonic()
    os.environ["KUANGAN_DEMO"] = "true"
    configuration.demo = True
    home = configuration.prepared_home()
    from kuangan.site.processes import set_up, stopping, wall_ms

    lock = FileLock(home / "run" / "serve.lock")
    set_up()
    from kuangan.base import clock
    from kuangan.site.demo import (
        announcing,
        campaign,
        duty,
        feeding,
        findings,
        people,
        platform,
        province,
        responsibility,
        selfcheck,
        terms,
        weather,
    )
    from kuangan.site.output import give, say
    from kuangan.site.supervisor import Child, four

    fleet, now = feeding.fleet_of(FLEET_SEED, mines), wall_ms()
    sites = feeding.sites_of(home, FLEET_SEED, fleet, now)
    say("preparing the synthetic province …")
    province.enter(home, FLEET_SEED)
    signs = people.enter(configuration, [*fleet, *sites])
    token = people.forwarder(configuration, [*fleet, *sites])
    duty.enter(fleet)
    if not feeding.past(home, fleet, sites, hours, HISTORY_RHYTHM_S, now):
        say("history is there already")
    announcing.enter(fleet, clock.now())
    weather.enter(home, fleet, clock.now())
    platform.enter(home, clock.now())
    campaign.enter(clock.now())
    responsibility.enter(clock.now(), fleet[0].code)
    selfcheck.enter(home, fleet, clock.now())
    findings.enter(fleet, clock.now())
    terms.enter(clock.now())
    stop = stopping()  # only now: until here an interrupt simply ends the preparation
    supervisor = four(_free(configuration.port), _free(configuration.gateway_port), stop)
    web, gateway = _ports(supervisor)
    gateway_of_calls = _free(CALLS_PORT)
    supervisor.children.append(Child("calls", ["--port", str(gateway_of_calls)], "kuangan.base.notices.testgateway"))
    supervisor.environment = dict(
        os.environ,
        KUANGAN_PUBLIC_URL=f"http://{configuration.host}:{web}",
        KUANGAN_SMS_URL=f"http://127.0.0.1:{gateway_of_calls}/sms",
        KUANGAN_VOICE_URL=f"http://127.0.0.1:{gateway_of_calls}/voice",
    )
    supervisor.start(time.monotonic())
    try:
        feeder = threading.Thread(
            target=feeding.live, args=(home, fleet, sites, rhythm, gateway, token, stop), daemon=True
        )
        feeder.start()
        address = f"http://{configuration.host}:{web}/"
        give({"address": address, "sign_ins": signs}, as_json, people.card(address, signs))
        _watch(supervisor, stop, began)
    finally:
        stop.set()
        supervisor.end()
        lock.close()


def _ports(supervisor: Any) -> tuple[int, int]:
    by_name = {child.name: int(child.arguments[-1]) for child in supervisor.children if "--port" in child.arguments}
    return by_name["web"], by_name["receive"]


def _free(wanted: int) -> int:
    """The wanted port, or any free one when it is taken."""
    for port in (wanted, 0):
        with socket.socket() as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                probe.bind(("127.0.0.1", port))
            except OSError:
                continue
            return int(probe.getsockname()[1])
    raise OSError("no free port")


def _watch(supervisor: Any, stop: threading.Event, began: float) -> None:
    """Keep the processes alive; say once when the first live over-limit stands on the duty desk. Our own pause since an
    earlier start, which is told too, is no alert of a mine.

    Soon after an earlier start an over-limit goes on instead of being raised anew: one that still changes while open after
    the warm-up is live too. By then the fleet has ended what its past left open.
    """
    from django.db.models import Q

    from kuangan.base import clock
    from kuangan.domains.alerts.models import Alert
    from kuangan.library.warning.rulebook import OVER_LIMIT
    from kuangan.site.demo.feeding import WARM_UP_MS
    from kuangan.site.output import say

    started = clock.now()
    warm = started + timedelta(milliseconds=WARM_UP_MS)
    live = Q(raised_at__gte=started) | Q(changed_at__gte=warm, event_status="open")
    told = False
    while not stop.wait(0.5):
        supervisor.watch(time.monotonic())
        if not told and Alert.objects.filter(live, rule=OVER_LIMIT).exists():
            say(f"first alert after {time.monotonic() - began:.0f} s")
            told = True
