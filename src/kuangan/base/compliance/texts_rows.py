"""Official texts that nobody handed in: what rests on each, and what cannot be issued on its basis until then."""

from __future__ import annotations

from dataclasses import dataclass

from kuangan.base.compliance.detail import statute_name
from kuangan.library.policy import Library
from kuangan.library.policy.tables import NotLoaded


@dataclass(frozen=True, slots=True)
class TextRow:
    """`acts` are the articles that we hold in words of ours alone, `measures` what follows at the places that rest on the text."""

    text: NotLoaded
    acts: tuple[str, ...]
    measures: tuple[str, ...]


def text_rows(library: Library) -> list[TextRow]:
    return [_row(library, text) for text in library.not_loaded.values()]


def _row(library: Library, text: NotLoaded) -> TextRow:
    acts = [library.statutes[name] for name in text.statutes]
    found = {row.measure for name in text.nodes for row in library.nodes[name].on_breach}
    measures = [row for row in library.measures.values() if row.id in found]
    if acts:
        bases = set(text.statutes)
        based = [row for row in measures if bases & {act for names in row.bases.values() for act in names}]
        measures = based or measures
    return TextRow(text, tuple(statute_name(act) for act in acts), tuple(row.title for row in measures))
