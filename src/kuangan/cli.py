"""The command line. Django is imported only by commands that need it, so that `--help` answers at once."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Annotated, Any, NoReturn

import typer

from kuangan.site.exchanging import app as exchange_app
from kuangan.site.output import give, say
from kuangan.site.policying import app as policy_app

app = typer.Typer(
    name="kuangan",
    help="KuangAn 矿安: mine-safety supervision that runs what the policy documents say.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
)
audit_app = typer.Typer(help="The audit chain.", no_args_is_help=True)
ledger_app = typer.Typer(help="The ledger of frames and records.", no_args_is_help=True)
sender_app = typer.Typer(help="Accounts that may upload.", no_args_is_help=True)
mqtt_app = typer.Typer(help="The broker of the MQTT carrier.", no_args_is_help=True)
routing_app = typer.Typer(help="Who is told of an alert, and how long each has.", no_args_is_help=True)
for group, called in ((audit_app, "audit"), (ledger_app, "ledger"), (sender_app, "sender"), (mqtt_app, "mqtt")):
    app.add_typer(group, name=called)
for group, called in ((routing_app, "routing"), (exchange_app, "exchange"), (policy_app, "policy")):
    app.add_typer(group, name=called)

Json = Annotated[bool, typer.Option("--json", help="Print one JSON object to standard output.")]


def _refuse(sentence: str, code: int, as_json: bool = False) -> NoReturn:
    """Say why a command did not do what was asked, and end with a code of its own."""
    say(f"error: {sentence}")
    if as_json:
        give({"error": sentence}, True, "")
    raise typer.Exit(code)


def _configuration() -> Any:
    from kuangan.site.configuration import configuration

    return configuration()


@app.command()
def demo(
    mines: Annotated[int, typer.Option(min=9, help="Live mines.")] = 30,
    rhythm: Annotated[int, typer.Option(min=1, help="Seconds between uploads of a mine.")] = 10,
    hours: Annotated[int, typer.Option(min=1, help="Hours of history.")] = 24,
    as_json: Json = False,
) -> None:
    """Prepare synthetic data, start the whole system with a live fleet, and print where to look."""
    from kuangan.library.telemetry.files import Locked
    from kuangan.library.warning.runners.lock import EngineBusy
    from kuangan.site.demo import run

    try:
        run(_configuration(), mines, rhythm, hours, as_json)
    except Locked as held:
        _refuse(f"this home is being served already ({held})", 3, as_json)
    except EngineBusy as busy:
        _refuse(f"{busy}; stop it before the demonstration", 3, as_json)


@app.command()
def serve(as_json: Json = False) -> None:
    """Run receive, engine, web and worker under one supervisor until interrupted."""
    from kuangan.library.telemetry.files import Locked
    from kuangan.site.serving import run

    configuration = _configuration()
    give({"pages": configuration.port, "gateway": configuration.gateway_port}, as_json, _addresses(configuration))
    try:
        run(configuration)
    except Locked as held:
        _refuse(f"this home is being served already ({held})", 3)


def _addresses(configuration: Any) -> str:
    return f"pages http://{configuration.host}:{configuration.port}/  gateway http://{configuration.host}:{configuration.gateway_port}/"


@app.command()
def receive(
    watch: Annotated[Path | None, typer.Option(help="Folder to take files from (default: inbox in the home).")] = None,
    mirror: Annotated[bool, typer.Option(help="Leave the files where they are.")] = False,
    port: Annotated[int | None, typer.Option(help="Port of the HTTP gateway (default: setting gateway_port).")] = None,
    as_json: Json = False,
) -> None:
    """Run a gateway: HTTP and a watched folder into the spool, FTP and MQTT where settings say so."""
    from kuangan.library.telemetry.files import Locked
    from kuangan.site.carriers import Misconfigured
    from kuangan.site.processes import receive as run

    configuration = _configuration()
    chosen = configuration.gateway_port if port is None else port
    give(
        {"gateway": configuration.gateway_id, "port": chosen},
        as_json,
        f"gateway {configuration.gateway_id} on port {chosen}",
    )
    try:
        run(configuration, watch, mirror, chosen)
    except Misconfigured as fault:
        _refuse(str(fault), 2)
    except Locked as held:
        _refuse(f"another process is gateway {configuration.gateway_id} of this home ({held})", 3)


@app.command()
def engine(as_json: Json = False) -> None:
    """Judge the spool: events to the database, readings to the archive."""
    from kuangan.library.warning.runners.lock import EngineBusy
    from kuangan.site.processes import engine as run

    configuration = _configuration()
    give({"home": str(configuration.prepared_home())}, as_json, f"engine on {configuration.prepared_home()}")
    try:
        run(configuration)
    except EngineBusy as busy:
        _refuse(str(busy), 3)


@app.command()
def web(
    port: Annotated[int | None, typer.Option(help="Port of the pages (default: setting port).")] = None,
    as_json: Json = False,
) -> None:
    """Serve pages and interfaces."""
    from kuangan.site.processes import web as run

    configuration = _configuration()
    chosen = configuration.port if port is None else port
    give({"port": chosen}, as_json, f"pages on http://{configuration.host}:{chosen}/")
    run(configuration, chosen)


@app.command()
def worker(as_json: Json = False) -> None:
    """Seal the audit chain, run deadlines, deliver notices, publish the register."""
    from kuangan.site.processes import worker as run

    configuration = _configuration()
    give({"home": str(configuration.prepared_home())}, as_json, "worker started")
    run(configuration)


@app.command()
def replay(
    path: Annotated[Path, typer.Argument(help="A file or a folder of uploads.", exists=True)],
    as_json: Json = False,
) -> None:
    """Receive, judge, archive and raise the files below PATH in this process, to the end."""
    from kuangan.library.warning.runners.lock import EngineBusy
    from kuangan.site.replaying import run

    try:
        result = run(_configuration(), path)
    except EngineBusy as busy:
        _refuse(f"{busy}; stop it before replaying into this home", 3, as_json)
    give(result, as_json, json.dumps(result, ensure_ascii=False, indent=2))


@app.command()
def detect(
    path: Annotated[Path, typer.Argument(help="CSV: time, then one column of values or several; status if there is.")],
    rule: Annotated[str, typer.Option(help="flat-line, clipped, replayed, sudden-drop, blown, spike, …")],
    settings: Annotated[list[str] | None, typer.Option("--set", help="NAME=VALUE of the rule; repeat.")] = None,
    as_json: Json = False,
) -> None:
    """Look for one sign of deceit in the series of a file. Exit code 2 when the file cannot be read."""
    from kuangan.site.detecting import Refused, run, shown

    try:
        result = run(path, rule, settings or [])
    except Refused as refused:
        _refuse(str(refused), 2, as_json)
    give(result, as_json, shown(result))


@app.command()
def simulate(
    out: Annotated[Path, typer.Argument(help="Folder for the files, one folder a mine.")],
    mines: Annotated[int, typer.Option(min=1, help="Number of mines.")] = 5,
    points: Annotated[int, typer.Option(min=1, help="Points per mine.")] = 55,
    hours: Annotated[float, typer.Option(min=0, help="Hours of data, ending now.")] = 2.0,
    rhythm: Annotated[int, typer.Option(min=1, help="Seconds between uploads of a mine.")] = 10,
    seed: Annotated[int, typer.Option(help="Seed of the synthetic province.")] = 1,
    faults: Annotated[bool, typer.Option(help="Plant labelled faults; the labels go to <out>-truth.json.")] = True,
    crew: Annotated[int, typer.Option(min=0, help="People below ground per mine; 0 leaves their files out.")] = 60,
    states: Annotated[bool, typer.Option(help="States of stations and five-minute statistics too.")] = False,
    as_json: Json = False,
) -> None:
    """Write true wire files of synthetic mines, with the labels of the faults planted in them."""
    from kuangan.site.simulating import run

    result = run(out, mines, points, hours, rhythm, seed, faults, crew, states)
    give(result, as_json, f"{result['files']} files of {result['mines']} synthetic mines in {out}")


@app.command()
def bench(
    stage: Annotated[
        str | None,
        typer.Argument(help="What to measure: pipeline, receive, register, checks, lists or live (default: all)."),
    ] = None,
    records: Annotated[int, typer.Option(help="Records of the pipeline measurement.")] = 6_200_000,
    live_seconds: Annotated[int, typer.Option(help="Seconds of the live measurement; 0 leaves it out.")] = 60,
    alerts: Annotated[int, typer.Option(help="Alerts behind the measured lists; 0 leaves them out.")] = 1_000_000,
    as_json: Json = False,
) -> None:
    """Measure speed side by side in one run."""
    from kuangan.site.bench import NAMED, run, shown

    if stage is not None and stage not in NAMED:
        _refuse(f"there is no measurement {stage}: {', '.join(NAMED)}", 2, as_json)
    result = run(_configuration(), records, live_seconds, alerts, stage)
    give(result, as_json, shown(result))


@app.command()
def evaluate(
    seed: Annotated[int, typer.Option(help="Seed of the synthetic mines.")] = 1,
    only: Annotated[
        list[str] | None, typer.Option(help="Pattern over names of trials, as 'tamper/*'; again for more.")
    ] = None,
    generator: Annotated[
        list[str] | None, typer.Option(help="Source of trials (default: all); again for more.")
    ] = None,
    small: Annotated[bool, typer.Option(help="One trial of each kind, without curves.")] = False,
    tuning: Annotated[bool, typer.Option(help="Mines for setting thresholds by; never those of a report.")] = False,
    report: Annotated[Path | None, typer.Option(help="Folder for the report (HTML and text).", file_okay=False)] = None,
    programs: Annotated[bool, typer.Option(help="Run ioos_qc and saqc beside, in environments below build/.")] = True,
    workers: Annotated[int, typer.Option(min=1, help="Processes side by side.")] = 2,
    as_json: Json = False,
) -> None:
    """Prove the detectors: planted faults and frauds with known truth through the whole chain, scored. All data synthetic."""
    from kuangan.site.evaluate.command import Refused, run

    try:
        result, text = run(seed, tuple(only or ()), small, tuning, report, programs, workers, tuple(generator or ()))
    except Refused as refused:
        _refuse(str(refused), 2, as_json)
    give(result, as_json, text)


@app.command("load-test")
def load_test(
    mines: Annotated[int, typer.Option(help="Mines that send every ten seconds.")] = 900,
    minutes: Annotated[float, typer.Option(help="How long over-limits are planted.")] = 30.0,
    pages: Annotated[int, typer.Option(help="Open pages that listen, besides the measuring one.")] = 500,
    as_json: Json = False,
) -> None:
    """Hold an installation of its own under the load of a province and measure it. Exit code 1 when anything was lost."""
    from kuangan.site.bench.load import Load, run
    from kuangan.site.bench.table import shown_load

    result = run(_configuration(), Load(mines=mines, minutes=minutes, pages=pages))
    give(result, as_json, shown_load(result))
    if result["missed"] or not result["ledger_balanced"]:
        raise typer.Exit(1)


@audit_app.command("verify")
def audit_verify(as_json: Json = False) -> None:
    """Prove that no entry of the audit chain was changed, removed or inserted. Exit code 1 when one was."""
    from kuangan.site.processes import set_up

    configuration = _configuration()
    home = configuration.prepared_home()
    set_up()
    from kuangan.base import audit

    faults = [str(fault) for fault in audit.verify(home)]
    give({"intact": not faults, "faults": faults}, as_json, "intact" if not faults else "\n".join(faults))
    if faults:
        raise typer.Exit(1)


@audit_app.command("export")
def audit_export(as_json: Json = False) -> None:
    """Write the chain as JSON lines, to be checked anywhere by scripts/verify_audit.py."""
    from kuangan.site.processes import set_up

    home = _configuration().prepared_home()
    set_up()
    from kuangan.base.audit.export import export_chain

    path = export_chain(home)
    give({"path": str(path)}, as_json, str(path))


@ledger_app.command("verify")
def ledger_verify(as_json: Json = False) -> None:
    """Compare ledger and spool, frame by frame. Exit code 1 when they disagree or the sums do not balance."""
    from dataclasses import asdict

    from kuangan.library.telemetry.ledger import balance, verify
    from kuangan.library.telemetry.segments import SpoolDamaged

    home = _configuration().prepared_home()
    faults = verify(home)
    try:
        sums = balance(home)
    except SpoolDamaged as damage:
        faults = faults or [str(damage)]
        give({"balanced": False, "faults": faults}, as_json, "\n".join(["NOT BALANCED", *faults]))
        raise typer.Exit(1) from None
    good = sums.balanced and not faults
    text = "\n".join(
        [*(f"{k:16} {v}" for k, v in asdict(sums).items()), "balanced" if good else "NOT BALANCED", *faults]
    )
    give({"balanced": sums.balanced, "faults": faults, **asdict(sums)}, as_json, text)
    if not good:
        raise typer.Exit(1)


@sender_app.command("add")
def sender_add(
    name: Annotated[str, typer.Argument(help="What the account is called.")],
    codes: Annotated[list[str], typer.Option("--code", help="Mine code it may speak for; repeat; * for every mine.")],
    as_json: Json = False,
) -> None:
    """Open an upload account for a mine or a forwarder and print its token, which cannot be read again."""
    from kuangan.site.processes import set_up

    _configuration().prepared_home()
    set_up()
    from kuangan.base import clock
    from kuangan.domains.datalink.forms import SenderForm
    from kuangan.domains.datalink.senders import create_sender

    kind = "mine" if len(codes) == 1 and codes != ["*"] else "forwarder"
    form = SenderForm({"name": name, "kind": kind, "codes": ",".join(codes)})
    if not form.is_valid():
        _refuse("; ".join(str(word) for words in form.errors.values() for word in words), 2, as_json)
    name, codes = form.cleaned_data["name"], form.cleaned_data["codes"]
    sender, token = create_sender(name=name, kind=kind, codes=codes, by=None, at=clock.now())
    content = {"id": str(sender.pk), "name": name, "codes": codes, "token": token, "broker_user": sender.broker_user}
    give(content, as_json, token)


@sender_app.command("rotate")
def sender_rotate(
    name: Annotated[str, typer.Argument(help="Name or number of the account.")],
    reason: Annotated[str, typer.Option(help="Why; it stands in the audit chain.")],
    days: Annotated[int, typer.Option(min=0, max=90, help="How long the old token still holds; 0: not at all.")] = 14,
    as_json: Json = False,
) -> None:
    """Give an account a new token and print it; the old one holds until the changeover ends."""
    from kuangan.site.processes import set_up

    set_up()
    from kuangan.base import clock
    from kuangan.domains.datalink import senders

    sender = senders.named(name)
    if sender is None:
        _refuse(f"no account {name}", 2, as_json)
    try:
        token = senders.rotate(sender, days, by=None, at=clock.now(), reason=reason)
    except senders.ChangeoverRunning as running:
        _refuse(str(running), 2, as_json)
    until = sender.previous_until.isoformat() if sender.previous_until else None
    content = {"id": str(sender.pk), "name": sender.name, "token": token, "broker_user": sender.broker_user}
    give({**content, "previous_until": until}, as_json, token)


@mqtt_app.command("acl")
def mqtt_acl(
    folder: Annotated[
        Path | None, typer.Argument(help="Where to (default: mqtt in the home).", file_okay=False)
    ] = None,
    as_json: Json = False,
) -> None:
    """Write Mosquitto's password file and access list from the accounts; have Mosquitto read them with SIGHUP."""
    from kuangan.site.carriers import Misconfigured, write_broker_files
    from kuangan.site.processes import set_up

    configuration = _configuration()
    home = configuration.prepared_home()
    set_up()
    from kuangan.base import clock

    chosen = folder or home / "mqtt"
    try:
        changed = [path.name for path in write_broker_files(configuration, chosen, clock.now())]
    except Misconfigured as fault:
        _refuse(str(fault), 2, as_json)
    give({"folder": str(chosen), "changed": changed}, as_json, f"{chosen}: {', '.join(changed) or 'nothing'} changed")


@routing_app.command("import")
def routing_import(
    path: Annotated[
        Path, typer.Argument(help="The table (YAML, as domains/alerts/routing.yaml).", exists=True, dir_okay=False)
    ],
    by: Annotated[str, typer.Option(help="User name of whoever answers for it.")],
    as_json: Json = False,
) -> None:
    """Replace our default clocks by an official table; it applies to alerts raised from its date on."""
    import yaml
    from pydantic import ValidationError

    from kuangan.site.processes import set_up

    set_up()
    from kuangan.base import clock
    from kuangan.base.people.models import User
    from kuangan.domains.alerts.routing import import_routing

    user = User.objects.filter(username=by, is_active=True).first()
    if user is None:
        _refuse(f"no user {by}", 2, as_json)
    try:
        table = import_routing(path.read_text("utf-8"), user, clock.now())
    except (ValidationError, yaml.YAMLError, UnicodeDecodeError) as error:
        _refuse(f"{path.name}: {error}", 2, as_json)
    give(
        {"table": table.pk, "name": table.name, "in_force_from": table.in_force_from},
        as_json,
        f"{table.name}: in force from {table.in_force_from}",
    )


@app.command()
def doctor(as_json: Json = False) -> None:
    """Look at the installation: home, disk, database, processes, clock, secrets. Exit code 1 when something is wrong."""
    from kuangan.site.doctor import examine

    findings = examine(_configuration())
    good = all(row["ok"] for row in findings)
    text = "\n".join(f"{'ok ' if row['ok'] else 'BAD'}  {row['what']:22} {row['detail']}" for row in findings)
    give({"ok": good, "findings": findings}, as_json, text)
    if not good:
        raise typer.Exit(1)


def main() -> None:
    """Entry point of the `kuangan` command."""
    app()


if __name__ == "__main__":
    main()
