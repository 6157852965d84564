"""Who did what, when and why, in a chain that shows every later change.

`record` writes an entry in the caller's transaction, `seal` links entries into an SM3 chain, `verify` finds what was
changed, removed or inserted, `export_head` and `export` let others check.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from kuangan.base.audit.export import export_chain as export_chain
    from kuangan.base.audit.heads import export_head as export_head
    from kuangan.base.audit.sealing import seal as seal
    from kuangan.base.audit.verifying import Fault as Fault
    from kuangan.base.audit.verifying import verify as verify
    from kuangan.base.audit.writing import Note as Note
    from kuangan.base.audit.writing import record as record
    from kuangan.base.audit.writing import record_many as record_many

# Models may only be imported once Django knows its apps, and Django imports this package to find them.
HOMES = {
    "record": "writing",
    "record_many": "writing",
    "Note": "writing",
    "seal": "sealing",
    "verify": "verifying",
    "Fault": "verifying",
    "export_head": "heads",
    "export_chain": "export",
}


def __getattr__(name: str) -> object:
    if name not in HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(f"{__name__}.{HOMES[name]}"), name)
