"""`kuangan exchange`: how the exchange with existing platforms stands, one round of it by hand, the reconciliation report."""

from __future__ import annotations

import json
from datetime import date, datetime
from pathlib import Path
from typing import Annotated, Any, NoReturn

import typer

from kuangan.site.output import give, say

app = typer.Typer(help="Exchange with platforms that exist already.", no_args_is_help=True)

Json = Annotated[bool, typer.Option("--json", help="Print one JSON object to standard output.")]
Code = Annotated[str, typer.Argument(help="Code of the platform, as warning.")]


def _refuse(sentence: str, as_json: bool) -> NoReturn:
    say(f"error: {sentence}")
    if as_json:
        give({"error": sentence}, True, "")
    raise typer.Exit(2)


def _ready() -> Path:
    from kuangan.site.configuration import configuration
    from kuangan.site.processes import set_up

    home = configuration().prepared_home()
    set_up()
    return home


def _platform(home: Path, code: str, as_json: bool) -> tuple[Any, Any]:
    """The row and the mapping of a platform that was set up."""
    from kuangan.domains.datalink.exchange.mapping import mappings
    from kuangan.domains.datalink.exchange.models import Platform

    mapping, platform = mappings(home).get(code), Platform.objects.filter(pk=code).first()
    if mapping is None or platform is None:
        _refuse(f"no platform {code} that is set up", as_json)
    return platform, mapping


@app.command("status")
def status(as_json: Json = False) -> None:
    """Every declared platform: mode, last package out and in, backlog, errors."""
    home = _ready()
    from kuangan.base import clock
    from kuangan.domains.datalink.exchange.mapping import damaged, mappings
    from kuangan.domains.datalink.exchange.pages import standings

    rows = [
        {
            "platform": row.mapping.platform,
            "state": row.state,
            "mode": row.platform.mode if row.platform else None,
            "mapping": row.mapping.version,
            "mark": row.mapping.mark,
            "last_out": row.last_out,
            "last_in": row.last_in,
            "waiting": row.waiting,
            "rejects": row.rejects,
            "stuck": row.stuck,
            "error": row.platform.error if row.platform else "",
        }
        for row in standings(mappings(home), None, clock.now())
    ]
    text = "\n".join(
        f"{r['platform']:12} {r['state']:6} {r['mode'] or '-':8} waiting {r['waiting']} rejects {r['rejects']} stuck {r['stuck']} {r['error']}"
        for r in rows
    )
    faults = damaged(home)
    text = "\n".join([text or "no platform is declared", *(f"BAD {code}: {fault}" for code, fault in faults.items())])
    give({"platforms": rows, "damaged": faults}, as_json, text)


@app.command("out")
def out(code: Code, as_json: Json = False) -> None:
    """Make packages of what has changed and let them leave, as the worker does."""
    home = _ready()
    from kuangan.base import audit, clock
    from kuangan.domains.datalink.exchange import leaving
    from kuangan.domains.datalink.exchange.job import make_all

    platform, mapping = _platform(home, code, as_json)
    if not platform.enabled:
        _refuse(f"platform {code} is disabled", as_json)
    at = clock.now()
    audit.seal(at)
    done = {"made": make_all(mapping, at, rounds=1_000)}
    for name, leave in (("filed", leaving.file_out), ("pushed", leaving.push)):
        done[name] = 0
        while count := leave(home, platform, at):
            done[name] += count
            platform.refresh_from_db()
    give({"platform": code, **done}, as_json, "  ".join(f"{name} {count}" for name, count in done.items()))


@app.command("in")
def take_in(
    code: Code,
    paths: Annotated[
        list[Path] | None,
        typer.Argument(help="Files to take; they stay. Without any: the folder of the platform.", exists=True),
    ] = None,
    as_json: Json = False,
) -> None:
    """Take what a platform handed in, record by record. Exit 0 also where records were bad."""
    home = _ready()
    from kuangan.base import clock
    from kuangan.domains.datalink.exchange.folder import take_file, take_folder

    platform, mapping = _platform(home, code, as_json)
    at = clock.now()
    if not paths:
        taken = take_folder(home, platform, mapping, at)
        give({"platform": code, "files": taken}, as_json, f"{taken} files")
        return
    answers = {str(path): take_file(path, platform, mapping, at, keep=True).model_dump() for path in paths}
    text = "\n".join(
        f"{path}: received {a['received']} accepted {a['accepted']} repeated {a['repeated']} rejected {len(a['rejected'])}"
        for path, a in answers.items()
    )
    give({"platform": code, "files": answers}, as_json, text)


@app.command("reconcile")
def reconcile(
    code: Code,
    start: Annotated[
        str, typer.Option("--from", help="First Beijing day, as 2026-11-01 (default: six days ago).")
    ] = "",
    stop: Annotated[str, typer.Option("--to", help="Last Beijing day, included (default: today).")] = "",
    as_json: Json = False,
) -> None:
    """What they have, what we have, where both differ, over whole Beijing days."""
    home = _ready()
    from kuangan.base import clock
    from kuangan.domains.datalink.exchange.forms import last_week, span_of
    from kuangan.domains.datalink.exchange.reconciling import Reconciliation

    platform, mapping = _platform(home, code, as_json)
    at: datetime = clock.now()
    first, last = last_week(at)
    try:
        first, last = (date.fromisoformat(start) if start else first), (date.fromisoformat(stop) if stop else last)
    except ValueError as fault:
        _refuse(str(fault), as_json)
    report = Reconciliation(platform, mapping, span_of(first, last), at).as_json(rows=as_json)
    give(report, as_json, json.dumps(report["counts"], indent=1))
