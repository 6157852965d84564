"""`kuangan policy`: official texts in, editions compared, and what of the documents the system serves."""

from __future__ import annotations

import getpass
import os
from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, NoReturn

import typer

from kuangan.base.compliance.texts_reading import COUNTED, counted, differences, tree_of
from kuangan.site.output import give, say

if TYPE_CHECKING:
    from kuangan.library.policy.load import Library
    from kuangan.library.policy.parse import Tree

app = typer.Typer(
    help="The policy documents: official texts and what serves each of their places.", no_args_is_help=True
)

Json = Annotated[bool, typer.Option("--json", help="Print one JSON object to standard output.")]
Text = Annotated[
    Path, typer.Argument(help="Official text (txt in UTF-8 or GB 18030, or docx).", exists=True, dir_okay=False)
]
Which = Annotated[
    str, typer.Option("--document", help="Document it is, as SX34, where the text does not bear its number.")
]


def _refuse(sentence: str, as_json: bool) -> NoReturn:
    say(f"error: {sentence}")
    if as_json:
        give({"error": sentence}, True, "")
    raise typer.Exit(2)


@app.command("import")
def take_in(file: Text, document: Which = "", as_json: Json = False) -> None:
    """Read an official text into its places, keep it as an edition in the home, and compare it with the edition before."""
    from kuangan.base import clock
    from kuangan.library.policy import editions
    from kuangan.library.policy.compare import compare
    from kuangan.library.policy.load import shipped
    from kuangan.site.configuration import configuration
    from kuangan.site.processes import set_up

    library, content = shipped(), file.read_bytes()
    tree = _read(file.name, content, library, document, as_json)
    result = counted(tree, library)
    if tree.document is None:
        give(result | {"edition": None, "differences": None}, as_json, _shown(result))
        return
    home = configuration().prepared_home()
    set_up()
    from kuangan.base.compliance.texts_import import keep

    edition, new = keep(
        home, tree, file.name, content, by=None, at=clock.now(), reason=f"kuangan policy import：{_who()}"
    )
    before = [row for row in editions.editions(home, tree.document) if row.row.edition < edition.row.edition]
    against = before[-1] if before else None
    result |= {"edition": edition.row.edition, "digest": edition.row.digest, "new": new}
    result["compared_with"] = against.row.edition if against else None
    result["differences"] = None
    if against:
        old = _read(against.row.name, against.content, library, tree.document, as_json)
        result["differences"] = differences(compare(old, tree), tree.document)
    give(result, as_json, _shown(result))


def _who() -> str:
    """The name of the user of the system; of one without a name, the number."""
    try:
        return getpass.getuser()
    except (KeyError, OSError):
        return str(os.getuid())


@app.command("compare")
def compared(
    old: Text,
    new: Annotated[Path, typer.Argument(help="The later edition.", exists=True, dir_okay=False)],
    document: Which = "",
    as_json: Json = False,
) -> None:
    """What differs between two editions of a text, place by place. Nothing is kept. Exit code 1 when anything does."""
    from kuangan.library.policy.compare import compare
    from kuangan.library.policy.load import shipped

    library = shipped()
    trees = [_read(path.name, path.read_bytes(), library, document, as_json) for path in (old, new)]
    difference = compare(*trees)
    result = differences(difference, trees[1].document)
    give(result, as_json, _differing(result))
    if not difference.same:
        raise typer.Exit(1)


@app.command("coverage")
def coverage(as_json: Json = False) -> None:
    """Every place of every document: who answers for it, what serves it, which room it waits for. Exit code 1 when one has nothing."""
    import django

    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "kuangan.site.settings")
    django.setup()  # checks stand in rooms that have models
    from kuangan.site.coverage import covered

    result = covered()
    text = "\n".join(
        [
            *(f"{row['node']:9} {row['state']:8} {row['owner']}  {row['waits_for'] or ''}" for row in result["nodes"]),
            f"total {result['total']}  covered {result['covered']}  waiting {result['waiting']}",
        ]
    )
    give(result, as_json, text)
    if result["without"]:
        raise typer.Exit(1)


def _read(name: str, content: bytes, library: Library, document: str, as_json: bool) -> Tree:
    """The tree of a file; ends the command where it is no text or no document that we hold data of was named."""
    if document and document not in library.documents:
        _refuse(f"no document {document}: {', '.join(library.documents)}", as_json)
    try:
        return tree_of(name, content, library, document)
    except ValueError as fault:
        _refuse(f"{name}: {fault}", as_json)


def _shown(result: dict[str, Any]) -> str:
    """The outcome of an import for people."""
    lines = [f"{result['number'] or 'no number'}  {result['document'] or 'no data of this document: nothing is kept'}"]
    lines += [f"{name:14} {result[name]}" for name in COUNTED]
    lines += [f"authorities    {len(result['authorities'])}: {'、'.join(result['authorities'])}"]
    lines += [f"unplaced       {row['why']} near {row['near']}: {row['text']}" for row in result["unplaced"]]
    lines += _named("without text", result["nodes_without_text"]) + _named(
        "without node", result["places_without_node"]
    )
    if result.get("differences"):
        lines += [f"compared with edition {result['compared_with']}:", _differing(result["differences"])]
    return "\n".join(lines)


def _named(what: str, names: Iterable[str]) -> list[str]:
    joined = ", ".join(names)
    return [f"{what:14} {joined}"] if joined else []


def _differing(result: dict[str, Any]) -> str:
    lines = [f"{what:10} {row['node']}" for what in ("added", "removed") for row in result[what]]
    for row in result["changed"]:
        lines += [f"changed    {row['node']}"]
        lines += [f"           …{p['before']}[{p['old']} → {p['new']}]{p['after']}…" for p in row["passages"]]
    lines += [f"renumbered {row['old']} → {row['new']}" for row in result["renumbered"]]
    return "\n".join(lines) or "no difference"


@app.command("check")
def check(
    only: Annotated[
        list[str] | None, typer.Option("--check", help="Id of a check (default: all); again for more.")
    ] = None,
    as_json: Json = False,
) -> None:
    """Judge every clause for all its subjects now, and store what changed since the last time."""
    from kuangan.site.processes import set_up

    set_up()
    from django.db.models import Count

    from kuangan.base.clock import now
    from kuangan.base.compliance.checks import registry
    from kuangan.base.compliance.judging import run
    from kuangan.base.compliance.models import Spell

    if strange := sorted(set(only or ()) - set(registry().checks)):
        _refuse(f"no such check: {', '.join(strange)}", as_json)
    done = run(now(), checks=only or None)
    counted = Spell.objects.filter(ended_at=None).order_by().values_list("state").annotate(n=Count("pk"))
    result = {
        "checks": done.checks,
        "answers": done.findings,
        "changed": done.changed,
        "failed": done.failed,
        "seconds": done.seconds,
        "states": dict(counted),
    }
    text = f"{done.checks} checks, {done.findings} answers, {done.changed} changed in {done.seconds:.1f} s"
    give(result, as_json, "\n".join([text, *(f"failed: {name}: {why}" for name, why in done.failed.items())]))
