"""`python -m kuangan.site.docs FOLDER`: writes the reference pages of the manual from the tables of the code.

A test compares the pages in `docs/reference` with what this module writes, so they cannot drift.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from kuangan.library.shipped import read_yaml
from kuangan.library.warning.rulebook import shipped
from kuangan.site import wire_docs

PACKAGE = Path(__file__).resolve().parent.parent
NOTE = "<!-- Written by `make docs` from the code; change the code, not this page. -->"


def cell(value: object) -> str:
    """Text for one cell of a Markdown table."""
    return " ".join(str(value).replace("|", "\\|").split())


def table(head: Sequence[str], rows: Iterable[Sequence[object]]) -> str:
    lines = [head, ["---"] * len(head), *rows]
    return "\n".join("| " + " | ".join(cell(value) for value in line) + " |" for line in lines)


def page(title: str, *parts: str) -> str:
    return "\n\n".join([f"# {title}", NOTE, *parts]) + "\n"


def code(value: object) -> str:
    return f"`{value}`"


def listed(values: Iterable[object]) -> str:
    return ", ".join(code(value) for value in values)


def settings_page() -> str:
    """Every field of `Configuration` with the environment variable that sets it."""
    from kuangan.site.configuration import Configuration

    rows = []
    for name, field in Configuration.model_fields.items():
        default = field.get_default(call_default_factory=False)
        shown = json.dumps(default) if isinstance(default, list) else str(default)
        rows.append(
            (
                code(f"KUANGAN_{name.upper()}"),
                code(shown) if shown not in ("", "[]") else "empty",
                field.description or name.replace("_", " "),
            )
        )
    return page(
        "Settings",
        "Set as environment variables of every process of the installation. Lists are written as JSON.",
        table(("variable", "default", "meaning"), rows),
    )


def permissions_page() -> str:
    """Every permission with the roles that carry it."""
    from kuangan.base.people.permissions import PERMISSIONS
    from kuangan.base.people.roles import Role

    rows = [
        (
            code(name),
            "、".join(role.label for role in Role if role in carriers),
            listed(r.value for r in Role if r in carriers),
        )
        for name, carriers in sorted(PERMISSIONS.items())
    ]
    roles = table(("role", "shown as"), [(code(role.value), role.label) for role in Role])
    return page(
        "Roles and permissions",
        "A permission says what a role may do; how far it reaches is the scope of the person's organisation. "
        "Without the permission the answer is 403, outside the scope it is 404.",
        "## Roles",
        roles,
        "## Permissions",
        table(("permission", "角色", "roles"), rows),
    )


def commands() -> Iterator[tuple[str, Any]]:
    """(full name, click command) of every command that does something."""
    import typer

    from kuangan.cli import app

    def walk(name: str, command: Any) -> Iterator[tuple[str, Any]]:
        if hasattr(command, "commands"):
            for child in sorted(command.commands):
                yield from walk(f"{name} {child}", command.commands[child])
        else:
            yield name, command

    return walk("kuangan", typer.main.get_command(app))


def commands_page() -> str:
    """Every command with its arguments and options."""
    parts = []
    for name, command in commands():
        rows = [
            (code(parameter_name(parameter)), getattr(parameter, "help", None) or "", default_of(parameter))
            for parameter in command.params
        ]
        head, *rest = (command.help or "").strip().split("\n\n")
        parts += [f"## {name}", " ".join(head.split()), *(" ".join(text.split()) for text in rest)]
        if rows:
            parts.append(table(("argument or option", "meaning", "default"), rows))
    return page("Commands", *(part for part in parts if part))


def parameter_name(parameter: Any) -> str:
    if parameter.param_type_name == "argument":
        return str(parameter.metavar or parameter.name.upper())
    return ", ".join([*parameter.opts, *parameter.secondary_opts])


def default_of(parameter: Any) -> str:
    default = parameter.default
    if default is None or default is False or callable(default) or "UNSET" in repr(default).upper():
        return ""
    return code(default)


def flow_part(flow: Any) -> str:
    """One life cycle: its diagram and its table of transitions."""
    names = {**flow.states}
    lines = ["```mermaid", "stateDiagram-v2", f"    [*] --> {flow.initial}"]
    lines += [f"    {state} : {label} ({state})" for state, label in names.items()]
    for step in flow.transitions:
        lines += [f"    {origin} --> {step.to} : {step.label}" for origin in step.from_]
    lines += [f"    {state} --> [*]" for state in flow.final] + ["```"]
    rows = [
        (
            code(step.name),
            step.label,
            listed(step.from_),
            code(step.to),
            code(step.may),
            listed(step.needs),
            f"not by who did `{step.four_eyes}`" if step.four_eyes else "",
            listed(step.clause),
        )
        for step in flow.transitions
    ]
    head = ("step", "显示为", "from", "to", "permission", "needs", "four eyes", "clauses")
    return "\n\n".join([f"## {flow.label} (`{flow.kind}`)", "\n".join(lines), table(head, rows)])


def flows_page() -> str:
    """Every life cycle that the site knows."""
    from kuangan.site.wiring import FLOWS

    flows = FLOWS.values() if isinstance(FLOWS, Mapping) else FLOWS
    return page("Life cycles", *(flow_part(flow) for flow in flows))


def desk_rows(desk: Mapping[str, Any]) -> Iterator[tuple[str, str, str]]:
    """(part, what, value) of every number by which the desk folds, shelves and measures."""
    for part, values in desk.items():
        for what, value in values.items() if isinstance(values, dict) else ():
            shown = json.dumps(value, ensure_ascii=False) if isinstance(value, dict | list) else str(value)
            yield code(part), code(what), code(shown)


def rules_page() -> str:
    """The shipped rule book: rules, ladders, statutory limits; and who is told how fast."""
    book = read_yaml((PACKAGE / "library/warning/data/rulebook.yaml").read_text(encoding="utf-8"))
    whole = shipped()
    routing = read_yaml((PACKAGE / "domains/alerts/routing.yaml").read_text(encoding="utf-8"))
    desk = read_yaml((PACKAGE / "domains/alerts/desk.yaml").read_text(encoding="utf-8"))
    rules = [
        (code(name), rule["version"], listed(whole.clauses[name]), rule["confidence"], rule["source"])
        for name, rule in whole.rules.items()
    ]
    rungs_of = [
        (code(rung["id"]), code(name), rung["grade"], rung.get("over", 0), rung.get("minutes", 0))
        for name, rule in whole.rules.items()
        for rung in rule.get("ladder", ())
    ]
    ladders = [
        (code(row["id"]), quantity, row["grade"], row["height"], row["minutes"], ladder["confidence"], ladder["source"])
        for quantity, ladder in book["ladders"].items()
        for row in ladder["rows"]
    ]
    limits = [
        (code(row["row"]), code(row["place"]), row["quantity"], row["alarm"], row["article"], row["confidence"])
        for row in book["statutory"]
    ]
    clocks = [
        (row["colour"], row["level"], code(row["step"]), row["minutes"], row["source"], row["basis"])
        for row in routing["rows"]
    ]
    work = read_yaml((PACKAGE / "domains/operations/kinds.yaml").read_text(encoding="utf-8"))
    kinds = [
        (
            code(name),
            row["label"],
            "agrees" if row["answer"] else "takes note",
            row["ends"],
            row["lead_minutes"],
            row["longest_minutes"],
            row["expect"] or "—",
            f"{row['repeat']['more_than']} in {row['repeat']['days']} d",
            row["confidence"],
        )
        for name, row in work["kinds"].items()
    ]
    systems = [
        (code(name), row["label"], row["test_days"], row["repair_hours"], row["confidence"])
        for name, row in work["systems"].items()
    ]
    duty = read_yaml((PACKAGE / "domains/duty/posts.yaml").read_text(encoding="utf-8"))
    climbing = read_yaml((PACKAGE / "base/deadlines/ladders.yaml").read_text(encoding="utf-8"))["ladders"]
    rungs = [
        (code(name), code(rung["code"]), listed(f"{n} {unit}" for unit, n in rung["offset"].items()), rung["notice"])
        for name, ladder in climbing.items()
        for rung in ladder["rungs"]
    ]
    posts = [(code(row["code"]), row["label"], listed(row["of"])) for row in duty["posts"]]
    channels = [(colour, listed(names)) for colour, names in duty["channels"].items()]
    weather = read_yaml((PACKAGE / "domains/duty/weather/rules.yaml").read_text(encoding="utf-8"))
    return page(
        "Rules, limits and clocks",
        f"Version {book['version']}, in force from {book['in_force_from']}. "
        "S: read in a source. M and I: our default, shown to users as 系统默认，非官方分级 until an official table is imported.",
        "## Rules",
        table(("rule", "version", "clauses", "mark", "source"), rules),
        "## Ladders",
        "An alert opens blue; the first row that matches gives its colour. `limit` is the limit judged at the point.",
        table(("row", "quantity", "colour", "height", "minutes", "mark", "source"), ladders),
        "## Ladders of the families",
        "The gravest rung counts whose measure is above `over` and has been for `minutes`; what is measured stands with each rule.",
        table(("rung", "rule", "colour", "over", "minutes"), rungs_of),
        "## Statutory limits by place",
        table(("row", "place class", "quantity", "alarm", "article", "mark"), limits),
        "## Order of the duty desk",
        f"Version {desk['version']}, in force from {desk['in_force_from']} (mark: {desk['source']}). None of it changes "
        "an alert, its colour or its clocks.",
        table(("part", "what", "value"), desk_rows(desk)),
        "## Response clocks",
        f"Version {routing['version']}, in force from {routing['in_force_from']}: {routing['basis']}",
        table(("colour", "level", "step", "minutes", "mark", "basis"), clocks),
        "## Announced work",
        f"Version {work['version']}, in force from {work['in_force_from']}; all of it a default of ours.",
        table(
            (
                "kind",
                "显示为",
                "supervisor",
                "ends",
                "ahead, min",
                "longest, min",
                "in the data",
                "looked at above",
                "mark",
            ),
            kinds,
        ),
        "## Underground safety systems",
        table(("system", "显示为", "days between tests", "hours to repair", "mark"), systems),
        "## After a clock",
        "What happens as a clock comes near and passes; all offsets are defaults of this system.",
        table(("ladder", "rung", "after the time due", "says"), rungs),
        "## Roster and phone book",
        "How a colour reaches a person on the roster, and the posts of a phone book; defaults of this system.",
        table(("colour", "channels"), channels),
        table(("post", "显示为", "in the book of"), posts),
        *weather_parts(weather),
        *visit_parts(),
    )


def weather_parts(weather: Mapping[str, Any]) -> list[str]:
    """What mines must do under a weather warning."""
    rules = [
        (
            code(row["id"]),
            "、".join(weather["events"][name]["label"] for name in row["events"]),
            listed(row["colours"]),
            listed(row["kinds"]),
            code(row["action"]),
            row["unless"]["word"] if "unless" in row else "",
            listed(row["bases"]),
            row["source"],
        )
        for row in weather["rules"]
    ]
    bases = [(code(name), row["text"], row["source"]) for name, row in weather["bases"].items()]
    clocks = [(colour, *row.values()) for colour, row in weather["minutes"].items()]
    names = list(next(iter(weather["minutes"].values())))
    said = weather["tolerance"]
    return [
        "## Weather warnings",
        f"Version {weather['version']}, in force from {weather['in_force_from']} (mark: {weather['source']}). The first row that "
        "fits counts; what fits none is `inform`. `withdraw` is a proposal: a person with authority decides.",
        table(("rule", "events", "colours", "kinds of mine", "action", "one step less when", "grounds", "mark"), rules),
        table(("ground", "text", "mark"), bases),
        f"Minutes until something must have happened. Positions differ from a mine's report from {said['persons']} persons or "
        f"{said['share']:.0%} more on, {said['settle_minutes']} minutes after the reported time at the earliest.",
        table(("colour", *names), clocks),
    ]


def visit_parts() -> list[str]:
    """Who may enter an inspection, and for how long it counts."""
    visits = read_yaml((PACKAGE / "domains/enforcement/visits.yaml").read_text(encoding="utf-8"))
    spans = [(code(name), visits[name]) for name in ("back_days", "open_hours", "published_days")]
    return [
        "## Inspections",
        f"Version {visits['version']}, in force from {visits['in_force_from']}; all of it a default of ours. Arrivals that have happened, "
        f"entered by {listed(visits['bodies'])}.",
        table(("kind", "显示为"), [(code(name), word) for name, word in visits["kinds"].items()]),
        table(("what", "value"), spans),
    ]


def checks_page() -> str:
    """Which checks judge a part of which clause, whom, and everything they may answer."""
    from kuangan.base.compliance.checks import registry
    from kuangan.base.compliance.subjects import KIND_WORDS
    from kuangan.base.registry.models import MineKind
    from kuangan.library.policy import shipped as documents

    installed, nodes = registry(), documents().nodes
    kinds = dict(MineKind.choices)
    clauses = [
        (code(clause), nodes[clause].title, listed(check.id for check in installed.clauses[clause]))
        for clause in nodes
        if clause in installed.clauses
    ]
    parts = []
    for check in installed.checks.values():
        mines = "、".join(str(word) for kind, word in kinds.items() if kind in (check.mine_kinds or kinds))
        whom = KIND_WORDS[check.subject] + (f"：{mines}" if check.mine_kinds is not None else "")
        at = listed(installed.clauses_of[check.id])
        parts += [
            f"## {check.id}",
            f"{check.title} ({whom}), version {check.version}, at {at}.",
            table(("why", "words"), [(code(why), word) for why, word in check.words.items()]),
        ]
    return page(
        "Checks",
        "A check judges a part of a clause for all its subjects at once, from data that are there. It answers proved (by data that the "
        "subject did not write itself), paper, suspected, not applicable or unknown, with a reason; it never determines anything. "
        "Names in braces are filled in. What its docstring says it judges, and nothing more, is known of the clause.",
        "## Clauses",
        table(("clause", "条款", "checks"), clauses),
        *parts,
    )


def reasons_page() -> str:
    """Why a record, file or upload was not taken, and what is remarked of one that was."""
    from kuangan.library.telemetry.codes import MARKS, REASONS, STATUSES

    return page(
        "States, reasons and marks of uploads",
        f"A frame is {listed(STATUSES)}; an offer that never became a frame is `refused`.",
        "## Reasons",
        table(("code", "meaning"), [(code(name), text) for name, text in REASONS.items()]),
        "## Marks",
        table(("code", "meaning"), [(code(name), text) for name, text in MARKS.items()]),
    )


def addresses() -> Iterator[tuple[str, str]]:
    """(name with namespaces, pattern) of every page and endpoint."""
    from django.urls import URLPattern, URLResolver, get_resolver

    def walk(patterns: Iterable[Any], prefix: str, spaces: tuple[str, ...]) -> Iterator[tuple[str, str]]:
        for entry in patterns:
            path = prefix + str(entry.pattern)
            if isinstance(entry, URLResolver):
                inner = (*spaces, entry.namespace) if entry.namespace else spaces
                yield from walk(entry.url_patterns, path, inner)
            elif isinstance(entry, URLPattern):
                yield ":".join((*spaces, entry.name or "")), path

    return walk(get_resolver().url_patterns, "/", ())


def addresses_page() -> str:
    rows = [(code(path), code(name) if name.strip(":") else "") for name, path in addresses()]
    return page("Addresses", table(("address", "name"), rows))


def schema(way: str) -> str:
    """JSON Schema of the exchange with the warning platform, `out` or `in`, with the shipped mapping."""
    from kuangan.domains.datalink.exchange import shapes
    from kuangan.domains.datalink.exchange.mapping import SHIPPED, mappings

    make = {"out": shapes.out_schema, "in": shapes.in_schema}[way]
    return shapes.schema_text(make(mappings(SHIPPED)["warning"]))


SCHEMAS: dict[str, Callable[[], str]] = {
    "exchange.out.schema.json": lambda: schema("out"),
    "exchange.in.schema.json": lambda: schema("in"),
}
PAGES: dict[str, Callable[[], str]] = {
    "addresses.md": addresses_page,
    "checks.md": checks_page,
    "commands.md": commands_page,
    "flows.md": flows_page,
    "formats.md": wire_docs.formats_page,
    "permissions.md": permissions_page,
    "reasons.md": reasons_page,
    "rules.md": rules_page,
    "settings.md": settings_page,
}


def main(arguments: Sequence[str]) -> int:
    import django

    django.setup()
    folder = Path(arguments[0])
    folder.mkdir(parents=True, exist_ok=True)
    for name, write in {**PAGES, **SCHEMAS, **wire_docs.FILES}.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(write(), encoding="utf-8")
    return 0


if __name__ == "__main__":
    import os

    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "kuangan.site.settings")
    sys.exit(main(sys.argv[1:]))
