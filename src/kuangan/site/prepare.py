"""Making the database ready: any command calls this first, from any number of processes at once."""

from __future__ import annotations

import fcntl
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from django.conf import settings
from django.core.management import call_command
from django.db import connection
from django.db.migrations.executor import MigrationExecutor

from kuangan.base.people.models import Organisation
from kuangan.base.registry.authorities import seed_authorities
from kuangan.base.registry.models import Region
from kuangan.base.registry.regions import load_regions


def prepare_database() -> bool:
    """Migrate, create the shared cache table, load regions and authorities. Idempotent; True when something was done."""
    with _one_at_a_time(Path(settings.HOME) / "run" / "prepare.lock"):
        executor = MigrationExecutor(connection)
        pending = bool(executor.migration_plan(executor.loader.graph.leaf_nodes()))
        if pending:
            call_command("migrate", interactive=False, verbosity=0)
        cache_missing = settings.CACHES["default"]["LOCATION"] not in connection.introspection.table_names()
        if cache_missing:
            call_command("createcachetable", verbosity=0)
        return any((pending, cache_missing, _load_reference()))


def _load_reference() -> bool:
    if Region.objects.exists() and Organisation.objects.filter(level="county").exists():
        return False
    load_regions()
    seed_authorities()
    return True


@contextmanager
def _one_at_a_time(path: Path) -> Iterator[None]:
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield
