"""Reading an official text as somebody hands it in: its words, how many places of each kind, how it differs. No database."""

from __future__ import annotations

from collections.abc import Mapping
from io import BytesIO
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from kuangan.library.policy.compare import Difference
    from kuangan.library.policy.load import Library
    from kuangan.library.policy.parse import Place, Tree

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


def tree_of(name: str, content: bytes, library: Library, document: str = "") -> Tree:
    """The places of a file; `document` where the text does not bear its number. Raises ValueError for what is no numbered text."""
    from kuangan.library.policy.parse import parse

    tree = parse(text_of(name, content), library, library.documents.get(document))
    if not tree.of("clause", "hard_measure", "safeguard"):
        raise ValueError("no numbered place was found in it")
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


def counted(tree: Tree, library: Library) -> dict[str, Any]:
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
            node_id(document, entry.key)
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
        "places_without_node": [node_id(data.id, key) for key in entries if key not in nodes],
        "other_authorities": [
            node.id
            for key, node in nodes.items()
            if key in entries and entries[key].names and entries[key].units != node.authorities
        ],
    }


def differences(difference: Difference, document: str | None) -> dict[str, Any]:
    name = document or ""
    return {
        "added": [{"node": node_id(name, entry.key), "text": entry.text} for entry in difference.added],
        "removed": [{"node": node_id(name, entry.key), "text": entry.text} for entry in difference.removed],
        "changed": [
            {
                "node": node_id(name, change.new.key),
                "passages": [
                    {"before": row.before, "old": row.old, "new": row.new, "after": row.after}
                    for row in change.passages
                ],
                "authorities": {"old": change.old.names, "new": change.new.names} if change.units else None,
                "under": {"old": change.old.under, "new": change.new.under} if change.under else None,
            }
            for change in difference.changed
        ],
        "renumbered": [
            {"old": node_id(name, old.key), "new": node_id(name, new.key)} for old, new in difference.renumbered
        ],
    }


def node_id(document: str, key: str) -> str:
    return f"{document}-{key}" if document else key
