"""Which cases a platform is concerned with at all."""

from __future__ import annotations

from django.db.models import QuerySet

from kuangan.base.case.models import Case
from kuangan.base.case.visibility import OPEN
from kuangan.domains.datalink.exchange.mapping import Mapping
from kuangan.domains.datalink.exchange.models import Platform


def cases_of(platform: Platform, mapping: Mapping, region: str = "") -> QuerySet[Case]:
    """Open (not sealed) cases of its kinds, region, sectors and colours; never drills. `region` narrows further."""
    inside = {"kind__in": mapping.kinds, "sector__in": ["", *platform.sectors], "severity__in": mapping.grades}
    rows = Case.objects.filter(**inside, drill=False, secrecy=OPEN, region__startswith=platform.region)
    return rows.filter(region__startswith=region) if region else rows
