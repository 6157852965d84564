"""Which mines of a person's scope send nothing: what the link room knows, in the words of the duty room."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path

from django.conf import settings

from kuangan.base.people.models import User
from kuangan.domains.datalink.linkstate import links
from kuangan.domains.datalink.scope import view_of
from kuangan.domains.duty.figures import Silent


def silent_mines(user: User, at: datetime) -> list[Silent]:
    """Connected mines that are silent, the longest silence first."""
    rows = links(Path(settings.HOME), view_of(user, at), at)
    return [Silent(row.mine.code, row.mine.name, row.silent_since) for row in rows if row.state == "silent"]
