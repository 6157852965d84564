"""The form of a mine as data: which clauses bind it, which are asked because the register cannot say."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Final

from kuangan.base.registry.words import ATTRIBUTES, value_word
from kuangan.domains.selfcheck.kinds import APPLYING, Narrowing, RoundKind
from kuangan.library.policy import Library, Node

POLICY_KIND: Final[Mapping[str, str]] = {
    "underground_coal": "coal",
    "open_pit_coal": "coal",
    "underground_noncoal": "underground",
    "open_pit_noncoal": "open_pit",
    "tailings_pond": "tailings",
}
"""Kind of a mine in the register → in the documents."""
FACTS: Final = ("state", *sorted({name for row in APPLYING.asked.values() for name in row.facts} - {"state"}))
"""Facts of the register that decide whether an item applies."""
NARROWEST: Final = Narrowing()


@dataclass(frozen=True, slots=True)
class Item:
    """A clause that a mine is asked about. `why` says what could not be decided; empty where the clause binds the mine."""

    node: str
    why: str = ""

    @property
    def decided(self) -> bool:
        return not self.why


def asked_nodes(library: Library, documents: Collection[str], only: Collection[str] = ()) -> list[Node]:
    """The clauses that can become items, in the order of the texts: those that bind mines and ask something of them.

    A hard measure counts where a duty stands in it alone; else the clauses below it say what it asks.
    """
    return [
        node
        for node in library.nodes.values()
        if node.document in documents
        and "mine" in node.binds
        and node.id not in APPLYING.not_asked
        and (node.series != "hard_measure" or node.duty_in_heading)
        and set(node.kinds) != {"sanction"}
        and (not only or node.id in only)
    ]


def items_for(nodes: Iterable[Node], kind: str, facts: Mapping[str, Any]) -> list[Item]:
    """The items of a mine of this kind with these facts of the register; what is not registered is asked, never left out."""
    found = []
    for node in nodes:
        narrowed = APPLYING.asked.get(node.id, NARROWEST)
        if node.mine_kinds and POLICY_KIND.get(kind) not in node.mine_kinds:
            continue
        if narrowed.kinds and kind not in narrowed.kinds:
            continue
        unknown = [ATTRIBUTES[name] for name in narrowed.facts if facts.get(name) in (None, "")]
        if any(name in facts and facts[name] not in (*values, None, "") for name, values in narrowed.facts.items()):
            continue
        why = f"{'、'.join(unknown)}未登记，请先确认是否适用" if unknown else _asked(narrowed)
        found.append(Item(node.id, why))
    return found


def _asked(narrowed: Narrowing) -> str:
    return f"本系统未登记：{narrowed.asks}，请先确认是否适用" if narrowed.asks else ""


def hint_of(node: str) -> str:
    """What "met" means where a clause names a forbidden case."""
    return APPLYING.asked.get(node, NARROWEST).hint


def because(node: str, facts: Mapping[str, Any]) -> str:
    """Why an item that depends on facts is there, in words: `瓦斯等级：高瓦斯`."""
    names = APPLYING.asked.get(node, NARROWEST).facts
    return "；".join(f"{ATTRIBUTES[name]}：{value_word(name, facts[name])}" for name in names if facts.get(name))


def of_round(library: Library, kind: RoundKind) -> list[Node]:
    return asked_nodes(library, kind.documents, kind.nodes)
