"""Reading documents and tables, and checking that everything they point to is there.

library = shipped()
library.nodes["SX34-14"].owners
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any, Protocol, TypeVar

import yaml
from pydantic import BaseModel, ValidationError

from kuangan.library.policy.schema import Document, Node
from kuangan.library.policy.tables import (
    Authorities,
    Authority,
    Baseline,
    Baselines,
    Changer,
    Measure,
    Measures,
    Missing,
    NotLoaded,
    Reading,
    Readings,
    Statute,
    Statutes,
)
from kuangan.library.shipped import read_yaml

FOLDER = Path(__file__).parent / "data"
TABLES = ("authorities", "measures", "statutes", "readings", "not_loaded", "baselines")
OTHERS = (*TABLES, "grammar")
"""Files of the folder that are no documents."""

Model = TypeVar("Model", bound=BaseModel)


class Broken(ValueError):
    """Data that cannot be used; `faults` name file, node and field, one a line."""

    def __init__(self, faults: Sequence[str]) -> None:
        super().__init__("\n".join(faults))
        self.faults = tuple(faults)


class Row(Protocol):
    @property
    def id(self) -> str: ...


Rows = TypeVar("Rows", bound=Row)


@dataclass(frozen=True)
class Library:
    """All documents with the tables they point to; every reference in it was found."""

    documents: Mapping[str, Document]
    nodes: Mapping[str, Node]
    authorities: Mapping[str, Authority]
    measures: Mapping[str, Measure]
    frame: Measures
    statutes: Mapping[str, Statute]
    readings: Mapping[str, Reading]
    changers: Mapping[str, Changer]
    not_loaded: Mapping[str, NotLoaded]
    baselines: Mapping[str, Baseline]

    def by_number(self, number: str) -> Document | None:
        """The document with this official number; spaces do not count."""
        wanted = "".join(number.split())
        return next((one for one in self.documents.values() if "".join(one.document.number.split()) == wanted), None)

    def related(self, node: Node) -> tuple[Node, ...]:
        """Places with the same or a related duty, in the order of the texts."""
        return tuple(other for other in self.nodes.values() if other.id in node.same_as)

    def lacking(self, node: Node) -> tuple[NotLoaded, ...]:
        """Official texts that are not loaded and on which the node rests: until then it goes by defaults of ours."""
        return tuple(text for text in self.not_loaded.values() if node.id in text.nodes)

    def kinds_of(self, node: Node, measure: str) -> tuple[str, ...]:
        """Kinds of mine for which this consequence of the node may be proposed at all."""
        rows = [row for row in node.on_breach if row.measure == measure]
        named = {kind for row in rows for kind in (row.mine_kinds or node.mine_kinds)}
        return tuple(kind for kind in self.measures[measure].mine_kinds if kind in named)


def load_document(path: Path) -> Document:
    """One document file, checked as far as it goes alone. Raises Broken."""
    document = _read(path, Document)
    faults = [f"{path.name}: {fault}" for fault in _inside(document)]
    if faults:
        raise Broken(faults)
    return document


def load_library(*folders: Path) -> Library:
    """Tables of the first folder, documents of all of them. Raises Broken with every fault that was found."""
    first = folders[0]
    tables = first / "authorities.yaml", first / "statutes.yaml", first / "readings.yaml"
    units, acts, readings = _read(tables[0], Authorities), _read(tables[1], Statutes), _read(tables[2], Readings)
    frame, missing = _read(first / "measures.yaml", Measures), _read(first / "not_loaded.yaml", Missing)
    asked = _read(first / "baselines.yaml", Baselines)
    documents = _both_ways([load_document(path) for folder in folders for path in document_files(folder)])
    faults: list[str] = []
    own = [(document.document.id, document) for document in documents]
    library = Library(
        documents=_table("documents", own, faults),
        nodes=_by_id("nodes", (node for document in documents for node in document.nodes), faults),
        authorities=_by_id("authorities", [*units.authorities, *(u for d in documents for u in d.authorities)], faults),
        measures=_by_id("measures", frame.measures, faults),
        frame=frame,
        statutes=_by_id("statutes", [*acts.statutes, *(a for d in documents for a in d.statutes)], faults),
        readings=_by_id("readings", [*readings.readings, *(r for d in documents for r in d.readings)], faults),
        changers=_by_id("changers", readings.changers, faults),
        not_loaded=_by_id("not_loaded", missing.not_loaded, faults),
        baselines=_by_id("baselines", asked.baselines, faults),
    )
    faults += [fault for node in library.nodes.values() for fault in _references(library, node)]
    faults += _tables(library)
    if faults:
        raise Broken(faults)
    return library


def _both_ways(documents: Sequence[Document]) -> list[Document]:
    """The documents with every `same_as` standing on both sides, whichever of the two files says it."""
    said: dict[str, dict[str, None]] = {}
    for node in (node for document in documents for node in document.nodes):
        said.setdefault(node.id, {}).update(dict.fromkeys(node.same_as))
        for other in node.same_as:
            said.setdefault(other, {})[node.id] = None
    return [
        document.model_copy(
            update={
                "nodes": tuple(node.model_copy(update={"same_as": tuple(said[node.id])}) for node in document.nodes)
            }
        )
        for document in documents
    ]


@cache
def shipped() -> Library:
    """Everything that comes with the system."""
    return load_library(FOLDER)


def document_files(folder: Path) -> list[Path]:
    return [path for path in sorted(folder.glob("*.yaml")) if path.stem not in OTHERS]


def _read(path: Path, model: type[Model]) -> Model:
    try:
        content = _plain(read_yaml(path.read_text(encoding="utf-8")))
        return model.model_validate(content)
    except (OSError, yaml.YAMLError, UnicodeDecodeError) as fault:
        raise Broken([f"{path.name}: {fault}"]) from fault
    except ValidationError as wrong:
        raise Broken([f"{path.name}: {_place(content, row['loc'])}: {row['msg']}" for row in wrong.errors()]) from wrong


def _plain(content: Any) -> Any:
    """The content with `on` as a key again, which YAML takes for the word of a switch."""
    if isinstance(content, dict):
        return {"on" if key is True else key: _plain(value) for key, value in content.items()}
    return [_plain(value) for value in content] if isinstance(content, list) else content


def _place(content: Any, where: Sequence[int | str]) -> str:
    """`SX36-13: thresholds.2.value` for the place of a fault; rows are named by their id where they have one."""
    for depth, step in enumerate(where):
        try:
            content = content[step]
        except (KeyError, IndexError, TypeError):
            break
        if isinstance(step, int) and isinstance(content, dict) and "id" in content:
            rest = ".".join(map(str, where[depth + 1 :]))
            return f"{content['id']}: {rest}" if rest else str(content["id"])
    return ".".join(map(str, where)) or "whole file"


def _inside(document: Document) -> Iterator[str]:
    """Faults that show without any other file."""
    parts = {part.id for part in document.parts}
    nodes = {node.id: node for node in document.nodes}
    for name, count in Counter(node.id for node in document.nodes).items():
        if count > 1:
            yield f"{name}: id: stands {count} times"
    for node in document.nodes:
        if node.document != document.id:
            yield f"{node.id}: id: belongs to another document than {document.id}"
        if node.part not in parts:
            yield f"{node.id}: part: no part {node.part}"
        if node.under is not None and (node.under not in nodes or nodes[node.under].series != "hard_measure"):
            yield f"{node.id}: under: no hard measure {node.under}"
        if node.authorities and node.our_authorities:
            yield f"{node.id}: our_authorities: only for nodes whose text names no unit"
        if not node.owners:
            yield f"{node.id}: our_authorities: neither text nor reading names a unit"


def _references(library: Library, node: Node) -> Iterator[str]:
    """What a node points to and is not there."""
    targets: Iterable[tuple[str, Iterable[str], Mapping[str, object]]] = (
        ("authorities", node.authorities, library.authorities),
        ("our_authorities", node.our_authorities, library.authorities),
        ("on_breach", (row.measure for row in node.on_breach), library.measures),
        ("on_breach.signs", (row.signs for row in node.on_breach if row.signs), library.frame.signers),
        ("statutes", (row.id for row in node.statutes), library.statutes),
        ("readings", node.readings, library.readings),
        ("same_as", node.same_as, library.nodes),
    )
    for field, names, table in targets:
        yield from (f"{node.id}: {field}: no {name}" for name in names if name not in table)
    for row in node.on_breach:
        kinds = library.measures[row.measure].mine_kinds if row.measure in library.measures else ()
        if wrong := [kind for kind in row.mine_kinds if kind not in kinds]:
            yield f"{node.id}: on_breach: {row.measure} is not for {', '.join(wrong)}"
    for name in node.readings:
        if name in library.readings and node.id not in library.readings[name].nodes:
            yield f"{node.id}: readings: {name} does not name it"


def _tables(library: Library) -> Iterator[str]:
    """What a row of a table points to and is not there."""
    frame = library.frame
    for row in library.measures.values():
        named = (
            ("nature", (row.nature,), frame.natures),
            ("signs", row.signs, frame.signers),
            ("decides", (row.decides,) if row.decides else (), frame.signers),
            ("prior", row.prior, frame.steps),
            ("follows", row.follows, library.measures),
            ("bases", {act for acts in row.bases.values() for act in acts}, library.statutes),
        )
        yield from (
            f"measures: {row.id}: {field}: no {name}"
            for field, names, table in named
            for name in names
            if name not in table
        )
    for reading in library.readings.values():
        if reading.changed_by not in library.changers:
            yield f"readings: {reading.id}: changed_by: no {reading.changed_by}"
        for name in sorted({*reading.nodes, *reading.texts}):
            if name not in library.nodes:
                yield f"readings: {reading.id}: nodes: no {name}"
            elif name in reading.nodes and reading.id not in library.nodes[name].readings:
                yield f"readings: {reading.id}: nodes: {name} does not name it"
    for asked in library.baselines.values():
        yield from (f"baselines: {asked.id}: nodes: no {name}" for name in asked.nodes if name not in library.nodes)
        if asked.changed_by not in library.changers:
            yield f"baselines: {asked.id}: changed_by: no {asked.changed_by}"
        if asked.reading is not None and asked.reading not in library.readings:
            yield f"baselines: {asked.id}: reading: no {asked.reading}"
    for text in library.not_loaded.values():
        yield from (f"not_loaded: {text.id}: nodes: no {name}" for name in text.nodes if name not in library.nodes)
        yield from (
            f"not_loaded: {text.id}: statutes: no {name}" for name in text.statutes if name not in library.statutes
        )


def _by_id(table: str, rows: Iterable[Rows], faults: list[str]) -> dict[str, Rows]:
    return _table(table, [(row.id, row) for row in rows], faults)


def _table(table: str, rows: Sequence[tuple[str, Any]], faults: list[str]) -> dict[str, Any]:
    faults += [
        f"{table}: {name}: stands {count} times"
        for name, count in Counter(name for name, _ in rows).items()
        if count > 1
    ]
    return dict(rows)
