"""`kuangan policy`: official texts in, editions compared, and what of the documents the system serves."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from io import BytesIO
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, NoReturn

import typer

from kuangan.site.output import give, say

if TYPE_CHECKING:
    from kuangan.library.policy.compare import Difference
    from kuangan.library.policy.load import Library
    from kuangan.library.policy.parse import Place, Tree

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
COUNTED: Mapping[str, Place] = {
    "clauses": "clause",
    "hard_measures": "hard_measure",
    "safeguards": "safeguard",
    "targets": "target",
    "organisation": "organisation",
    "notice": "notice",
}
LARGEST = 8 << 20
"""Bytes of a text; the longest official one has some hundred thousand."""
UNPACKED = 64 << 20
"""Bytes of what a docx holds."""
DEPARTMENTS = ("department", "departments", "bureau")


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

    library, content = shipped(), file.read_bytes()
    tree = _read(file.name, content, library, document, as_json)
    result = _counted(tree, library)
    if tree.document is None:
        give(result | {"edition": None, "differences": None}, as_json, _shown(result))
        return
    home = configuration().prepared_home()
    edition, new = editions.keep(home, tree.document, file.name, content, clock.now())
    before = [row for row in editions.editions(home, tree.document) if row.row.edition < edition.row.edition]
    against = before[-1] if before else None
    result |= {"edition": edition.row.edition, "digest": edition.row.digest, "new": new}
    result["compared_with"] = against.row.edition if against else None
    result["differences"] = None
    if against:
        old = _read(against.row.name, against.content, library, tree.document, as_json)
        result["differences"] = _differences(compare(old, tree), tree.document)
    give(result, as_json, _shown(result))


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
    result = _differences(difference, trees[1].document)
    give(result, as_json, _differing(result))
    if not difference.same:
        raise typer.Exit(1)


@app.command("coverage")
def coverage(as_json: Json = False) -> None:
    """Every place of every document: who answers for it, what serves it, which room it waits for. Exit code 1 when one has nothing."""
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
    from kuangan.library.policy.parse import parse

    if document and document not in library.documents:
        _refuse(f"no document {document}: {', '.join(library.documents)}", as_json)
    try:
        text = text_of(name, content)
    except ValueError as fault:
        _refuse(f"{name}: {fault}", as_json)
    tree = parse(text, library, library.documents.get(document))
    if not tree.of("clause", "hard_measure", "safeguard"):
        _refuse(f"{name}: no numbered place was found in it", as_json)
    return tree


def text_of(name: str, content: bytes) -> str:
    """The words of a file. Raises ValueError for what is neither text nor docx, or too long for a document."""
    if len(content) > LARGEST:
        raise ValueError("too long for an official text")
    if name.lower().endswith(".docx"):
        return _docx(content)
    if content.startswith((b"%PDF", b"PK", b"\xd0\xcf\x11\xe0")):
        raise ValueError("hand in the text (txt) or a docx, not a PDF or an older office file")
    for encoding in ("utf-16",) if content.startswith((b"\xff\xfe", b"\xfe\xff")) else ("utf-8-sig", "gb18030"):
        try:
            return content.decode(encoding)
        except UnicodeDecodeError:
            continue
    raise ValueError("neither UTF-8 nor GB 18030")


def _docx(content: bytes) -> str:
    from zipfile import BadZipFile, ZipFile

    import docx

    try:
        if sum(part.file_size for part in ZipFile(BytesIO(content)).infolist()) > UNPACKED:
            raise ValueError("too long for an official text")
        return "\n".join(paragraph.text for paragraph in docx.Document(BytesIO(content)).paragraphs)
    except (BadZipFile, KeyError) as fault:
        raise ValueError(f"no docx: {fault}") from fault


def _counted(tree: Tree, library: Library) -> dict[str, Any]:
    """How many places of each kind, who is named, what has no place, and how the text agrees with our data."""
    clauses = tree.of("clause")
    kinds = {unit.id: unit.kind for unit in library.authorities.values()}
    named = dict.fromkeys(name for entry in tree.entries for name in entry.names)
    document = tree.document or ""
    return {
        "document": tree.document,
        "number": tree.number,
        **{name: len(tree.of(place)) for name, place in COUNTED.items()},
        "authorities": list(named),
        "clauses_with_authority": sum(bool(entry.names) for entry in clauses),
        "without_department": [
            _id(document, entry.key)
            for entry in clauses
            if entry.names and not any(kinds.get(unit) in DEPARTMENTS for unit in entry.units)
        ],
        "pages": tree.pages,
        "unplaced": [{"why": row.why, "near": row.near, "text": row.text} for row in tree.unplaced],
        **_against_data(tree, library),
    }


def _against_data(tree: Tree, library: Library) -> dict[str, list[str]]:
    """Nodes without text, places without a node, nodes whose units are not those of the text."""
    data = library.documents.get(tree.document or "")
    if data is None:
        return {"nodes_without_text": [], "places_without_node": [], "other_authorities": []}
    nodes = {node.key: node for node in data.nodes}
    series = {node.series for node in data.nodes}
    entries = {entry.key: entry for entry in tree.entries if entry.place in series}
    return {
        "nodes_without_text": [node.id for key, node in nodes.items() if key not in entries],
        "places_without_node": [_id(data.id, key) for key in entries if key not in nodes],
        "other_authorities": [
            node.id
            for key, node in nodes.items()
            if key in entries and entries[key].names and entries[key].units != node.authorities
        ],
    }


def _differences(difference: Difference, document: str | None) -> dict[str, Any]:
    name = document or ""
    return {
        "added": [{"node": _id(name, entry.key), "text": entry.text} for entry in difference.added],
        "removed": [{"node": _id(name, entry.key), "text": entry.text} for entry in difference.removed],
        "changed": [
            {
                "node": _id(name, change.new.key),
                "passages": [
                    {"before": row.before, "old": row.old, "new": row.new, "after": row.after}
                    for row in change.passages
                ],
                "authorities": {"old": change.old.names, "new": change.new.names} if change.units else None,
                "under": {"old": change.old.under, "new": change.new.under} if change.under else None,
            }
            for change in difference.changed
        ],
        "renumbered": [{"old": _id(name, old.key), "new": _id(name, new.key)} for old, new in difference.renumbered],
    }


def _id(document: str, key: str) -> str:
    return f"{document}-{key}" if document else key


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
