import os
import subprocess
import sys
from pathlib import Path

import pytest
from django.core.cache import cache

from kuangan.base.people.models import Organisation
from kuangan.base.registry.models import Region
from kuangan.site.prepare import prepare_database

SCRIPT = "import django; django.setup(); from kuangan.site.prepare import prepare_database; print(prepare_database())"


@pytest.mark.django_db
def test_preparing_brings_regions_and_authorities_once() -> None:
    assert prepare_database() is True
    assert Region.objects.filter(level="county").count() == 117
    assert Organisation.objects.filter(kind="emergency").count() == 129
    assert prepare_database() is False


@pytest.mark.django_db
def test_the_shared_cache_holds_what_is_put_into_it() -> None:
    prepare_database()
    cache.set("lock-out", 5)
    assert cache.get("lock-out") == 5


def test_two_processes_may_prepare_one_empty_home_at_once(tmp_path: Path) -> None:
    surroundings = {name: value for name, value in os.environ.items() if name != "KUANGAN_DATABASE_URL"}
    surroundings |= {"KUANGAN_HOME": str(tmp_path), "DJANGO_SETTINGS_MODULE": "kuangan.site.settings"}
    running = [
        subprocess.Popen([sys.executable, "-c", SCRIPT], env=surroundings, stdout=subprocess.PIPE, text=True)
        for _ in range(2)
    ]
    assert sorted(process.communicate(timeout=120)[0].strip() for process in running) == ["False", "True"]
    assert [process.returncode for process in running] == [0, 0]
