"""Who did what, when and why, in a chain that shows every later change.

`record` writes an entry in the caller's transaction, `seal` links entries into an SM3 chain, `verify` finds what was
changed, removed or inserted, `export_head` and `export` let others check.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from kuangan.base import on_demand

if TYPE_CHECKING:
    from kuangan.base.audit.export import export_chain as export_chain
    from kuangan.base.audit.heads import export_head as export_head
    from kuangan.base.audit.sealing import seal as seal
    from kuangan.base.audit.verifying import Fault as Fault
    from kuangan.base.audit.verifying import verify as verify
    from kuangan.base.audit.writing import Note as Note
    from kuangan.base.audit.writing import record as record
    from kuangan.base.audit.writing import record_many as record_many

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

__getattr__ = on_demand(__name__, HOMES)
