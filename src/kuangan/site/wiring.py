"""Everything that joins rooms, as literal tables. A reader finds here who handles what."""

from __future__ import annotations
