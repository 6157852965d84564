"""`python -m tests.teeth`: one-line faults, each of which must break a test.

Every fault is put into a copy of the package by itself; the tests named beside it are run on the copy and must fail. A fault that they
survive is printed with its number, and the command ends with 1. `make torture` runs it. `--only N …` runs some; `--list` shows all.
"""

from __future__ import annotations

import argparse
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
PACKAGE = "src/kuangan"
LANES = 2
TIMEOUT_S = 900


@dataclass(frozen=True, slots=True)
class Fault:
    """In `module` the text `right`, which stands there once, becomes `wrong`; `tests` must fail then."""

    what: str
    module: str
    right: str
    wrong: str
    tests: str


WARNING, TELEMETRY = "tests/library/warning", "tests/library/telemetry"
ALERTS, CASES = f"{PACKAGE}/domains/alerts/tests", f"{PACKAGE}/base/case/tests"
FAULTS: Sequence[Fault] = (
    Fault(
        "a value at the limit is not over it",
        "library/warning/overlimit.py",
        "steps(value, settings.step) >= steps(settings.limit, settings.step)",
        "steps(value, settings.step) > steps(settings.limit, settings.step)",
        f"{WARNING}/test_overlimit.py",
    ),
    Fault(
        "value and limit are compared as they are",
        "library/warning/overlimit.py",
        "return math.floor(value / step + 0.5 + 1e-9)",
        "return math.floor(value / step)",
        f"{WARNING}/test_overlimit.py",
    ),
    Fault(
        "an event is never taken up again",
        "library/warning/overlimit.py",
        "return self.record.end is not None and t - self.record.end > settings.merge_gap",
        "return self.record.end is not None",
        f"{WARNING}/test_overlimit.py",
    ),
    Fault(
        "time without samples counts as time over the limit",
        "library/warning/overlimit.py",
        "elif t - self.last > hold:",
        "elif t - self.last > 100 * hold:",
        f"{WARNING}/test_overlimit.py",
    ),
    Fault(
        "a calibration opens an event",
        "library/warning/masks.py",
        "return not math.isnan(value) and not status & (FAULTS | PAUSED | CALIBRATION)",
        "return not math.isnan(value) and not status & (FAULTS | PAUSED)",
        f"{WARNING}/test_overlimit.py",
    ),
    Fault(
        "the grade falls with a lower row",
        "library/warning/events.py",
        "if rank(grade) <= rank(self.grade):",
        "if rank(grade) == rank(self.grade):",
        f"{WARNING}/test_overlimit.py {WARNING}/test_two_hours.py",
    ),
    Fault(
        "a mine's own limit above the statutory one counts",
        "library/warning/limits.py",
        "if has_own and own < row.alarm:",
        "if has_own:",
        f"{WARNING}/test_limits.py",
    ),
    Fault(
        "a late reading touches live state",
        "library/warning/step.py",
        "    late = time <= (newest if by_point is None else _running(by_point, time, newest))\n",
        "    late = time < (newest if by_point is None else _running(by_point, time, newest)) - 86_400_000\n",
        f"{WARNING}/test_late.py",
    ),
    Fault(
        "silence is judged across an outage of our own",
        "library/warning/silence.py",
        'base = np.maximum(m["last"], state.resumed)',
        'base = m["last"]',
        f"{WARNING}/test_silence.py {WARNING}/test_own_outage.py",
    ),
    Fault(
        "a link outage is told one stage late",
        "library/warning/silence.py",
        'level = np.searchsorted([t for t, _ in table], now - base, side="right")',
        'level = np.searchsorted([t for t, _ in table], now - base, side="left")',
        f"{WARNING}/test_silence.py",
    ),
    Fault(
        "an honestly constant point is called flat",
        "library/warning/flat.py",
        'varied = p["spread"][some] >= (rule.varies_steps - 1e-6) * p["step"][some]',
        'varied = p["spread"][some] >= 0',
        f"{WARNING}/test_flat.py",
    ),
    Fault(
        "frequency counts one event too few",
        "library/warning/frequency.py",
        "if count >= rule.count:",
        "if count > rule.count:",
        f"{WARNING}/test_overlimit.py {WARNING}/test_late.py",
    ),
    Fault(
        "a trend needs no past",
        "library/warning/trend.py",
        'wanted = np.maximum(wanted, mean + row.steps * p["step"][points])',
        "wanted = np.nan_to_num(wanted)",
        f"{WARNING}/test_trend.py",
    ),
    Fault(
        "the file is renamed before it is durable",
        "library/telemetry/files.py",
        "        out.flush()\n        os.fsync(out.fileno())\n    temporary.replace(path)",
        "        out.flush()\n    temporary.replace(path)",
        f"{TELEMETRY}/test_promises.py",
    ),
    Fault(
        "the folder of a rename is not made durable",
        "library/telemetry/files.py",
        "    temporary.replace(path)\n    fsync_path(path.parent)",
        "    temporary.replace(path)",
        f"{TELEMETRY}/test_promises.py",
    ),
    Fault(
        "the gateway answers before the frames are durable",
        "library/telemetry/gateways/http.py",
        "for part in parts]\n        await self._intake.durable()\n",
        "for part in parts]\n",
        f"{TELEMETRY}/test_gateways.py",
    ),
    Fault(
        "a sender may send for any mine",
        "library/telemetry/gateways/admission.py",
        "if not sender.may_send_for(found.mine if found else None):",
        "if found is None and not sender.may_send_for(None):",
        f"{TELEMETRY}/test_promises.py",
    ),
    Fault(
        "a file over the limit is taken",
        "library/telemetry/gateways/admission.py",
        "if size > limits.frame_bytes:",
        "if size > 2 * limits.frame_bytes + 1_000_000_000:",
        f"{TELEMETRY}/test_promises.py",
    ),
    Fault(
        "the ledger balances whatever was refused",
        "library/telemetry/ledger.py",
        "self.received == judged + self.waiting",
        "self.received >= judged",
        f"{TELEMETRY}/test_promises.py",
    ),
    Fault(
        "the archive takes the same frames twice",
        "library/telemetry/archive.py",
        "        if not position or self._delta.reaches(position):\n            return\n",
        "        if not position:\n            return\n",
        f"{TELEMETRY}/test_archive.py",
    ),
    Fault(
        "sealed frames are dropped though the engine has not seen them",
        "library/telemetry/spool.py",
        "if following.first - 1 > upto or arrival_span(segment.path)[1] >= before:",
        "if arrival_span(segment.path)[1] >= before:",
        f"{TELEMETRY}/test_promises.py",
    ),
    Fault(
        "a revision that is older than the stored one is taken",
        "domains/alerts/sink.py",
        "ident not in stored or r.rev > stored[ident].rev",
        "True",
        f"{ALERTS}/test_sink.py",
    ),
    Fault(
        "a case outside the scope can be acted on",
        "base/case/performing.py",
        "Case.objects.visible_to(by, at).select_for_update()",
        "Case.objects.select_for_update()",
        f"{CASES} {ALERTS}/test_flow.py",
    ),
    Fault(
        "a step needs no permission",
        "base/case/performing.py",
        "role = transition.may == NO_PERMISSION or may(user, transition.may)",
        "role = True",
        f"{CASES} {ALERTS}/test_flow.py",
    ),
    Fault(
        "one person takes both steps of four eyes",
        "base/case/performing.py",
        "if transition.four_eyes and transition.four_eyes in _own_steps(held, by):",
        "if transition.four_eyes and False:",
        f"{CASES} {ALERTS}/test_flow.py",
    ),
    Fault(
        "blanks are a reason",
        "base/case/performing.py",
        "return value is None or (isinstance(value, str) and not value.strip()) or value in ([], (), {})",
        "return value is None or value in ([], (), {})",
        f"{CASES} {ALERTS}/test_flow.py",
    ),
    Fault(
        "sealed cases are shown to everybody",
        "base/case/visibility.py",
        "return Q(secrecy__in=[OPEN, *(SEALED + group for group in sorted(scope.secrecy))])",
        "return Q()",
        CASES,
    ),
    Fault(
        "a county sees what it does not supervise",
        "base/case/visibility.py",
        "        territory &= Q(mine__isnull=True)\n",
        "        pass\n",
        CASES,
    ),
    Fault(
        "a page opens without its permission",
        "base/people/access.py",
        "if not isinstance(user, User) or not may(user, permission):",
        "if not isinstance(user, User):",
        f"{PACKAGE}/base/people/tests {PACKAGE}/portal/tests",
    ),
    Fault(
        "the audit chain forgets the entry before",
        "base/audit/sealing.py",
        "        previous = own\n",
        "        previous = head.digest\n",
        f"{PACKAGE}/base/audit/tests",
    ),
    Fault(
        "the same notice is sent twice",
        "base/notices/outbox.py",
        "for draft in drafts], batch_size=500, ignore_conflicts=True)\n    standing",
        "for draft in drafts], batch_size=500)\n    standing",
        f"{PACKAGE}/base/notices/tests",
    ),
    Fault(
        "a rung fires again at the next tick",
        "base/deadlines/ticking.py",
        "    rows.update(rung=index + 1, next_at=following, **state)\n",
        "    rows.update(rung=index, next_at=following, **state)\n",
        f"{PACKAGE}/base/deadlines/tests",
    ),
    Fault(
        "a plan is entered as an inspection",
        "domains/enforcement/rules.py",
        "if draft.arrived_at > at:",
        "if draft.arrived_at > at + timedelta(days=1):",
        f"{PACKAGE}/domains/enforcement/tests/test_visits.py",
    ),
    Fault(
        "an outage is forgotten as soon as it is over",
        "library/warning/deceit/cuts.py",
        "if cut.last > now - rule.kept_days * DAY}",
        "if cut.last == now}",
        f"{WARNING}/test_deceit_stream.py",
    ),
    Fault(
        "shelving outlasts a rise in colour",
        "domains/alerts/queries.py",
        'until__gt=at, rank__gte=F("alert__rank"))',
        "until__gt=at)",
        f"{ALERTS}/test_shelving.py",
    ),
)


def put_in(fault: Fault, source: str) -> str:
    """The source with the fault. Raises ValueError when the right text does not stand there exactly once."""
    if source.count(fault.right) != 1:
        raise ValueError(f"{fault.module}: {source.count(fault.right)} places for “{fault.what}”")
    return source.replace(fault.right, fault.wrong)


def bites(fault: Fault) -> bool:
    """Whether the tests of a fault fail on a copy with it."""
    with tempfile.TemporaryDirectory(prefix="teeth-") as name:
        copy = Path(name)
        shutil.copytree(ROOT / "src", copy / "src", ignore=shutil.ignore_patterns("__pycache__", "*.egg-info"))
        for part in ("tests", "conftest.py", "pyproject.toml", "docs", "scripts", "node_modules", "requirements"):
            if (ROOT / part).exists():
                (copy / part).symlink_to(ROOT / part)
        module = copy / PACKAGE / fault.module
        module.write_text(put_in(fault, module.read_text("utf-8")), "utf-8")
        command = [sys.executable, "-B", "-m", "pytest", "-q", "-x", "-p", "no:cacheprovider", *fault.tests.split()]
        settings = {name: value for name, value in os.environ.items() if not name.startswith("KUANGAN_")}
        settings["PYTHONPATH"] = str(copy / "src")
        ended = subprocess.run(command, cwd=copy, env=settings, capture_output=True, timeout=TIMEOUT_S, check=False)
        if ended.returncode not in (0, 1):
            raise RuntimeError(f"“{fault.what}”: pytest ended with {ended.returncode}\n{ended.stdout.decode()[-2000:]}")
        return ended.returncode == 1


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--only", type=int, nargs="*", help="numbers of the faults to put in")
    parser.add_argument("--list", action="store_true", help="show the faults and end")
    options = parser.parse_args()
    chosen = [(number, fault) for number, fault in enumerate(FAULTS, 1) if not options.only or number in options.only]
    if options.list:
        print("\n".join(f"{number:3d}  {fault.module}: {fault.what}" for number, fault in chosen))
        return 0
    with ThreadPoolExecutor(LANES) as pool:
        found = list(pool.map(lambda each: _told(*each), chosen))
    print(f"teeth: {sum(found)} of {len(found)} faults broke a test")
    return 0 if all(found) else 1


def _told(number: int, fault: Fault) -> bool:
    bitten = bites(fault)
    print(f"{number:3d}  {'broke a test' if bitten else 'SURVIVED':12s}  {fault.module}: {fault.what}", flush=True)
    return bitten


if __name__ == "__main__":
    sys.exit(main())
