"""Pages of clauses: the list, one clause, the official texts that are still missing. They only read."""

from __future__ import annotations

from pathlib import Path

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET

from kuangan.base.case.rule_words import RULE_WORDS
from kuangan.base.clock import beijing_day, now
from kuangan.base.compliance import detail
from kuangan.base.compliance.listing import HEADS, ClauseForm, figures, grouped, row_of, rows_of, short_number, values
from kuangan.base.compliance.readings_standing import standing_readings
from kuangan.base.compliance.serving import official
from kuangan.base.compliance.words import CADENCES, DEFAULT_MARK, LASTS, MINE_KINDS, ROOMS, SERIES, listed
from kuangan.base.people.access import Permitted, require
from kuangan.base.people.permissions import may
from kuangan.base.tables.listing import sheet_answer
from kuangan.library.policy import shipped


class ClauseList(Permitted):
    """All places of all documents, grouped by part, and as an Excel file of what was asked."""

    permission = "clause.view"
    title = "条款总表"

    def get(self, request: HttpRequest) -> HttpResponse:
        rows = rows_of(beijing_day(now()))
        form = ClauseForm(request.GET, rows)
        found = form.found(rows)
        asked = request.GET.copy()
        asked.pop("export", None)
        query = asked.urlencode()
        if request.GET.get("export") == "xlsx":
            shown = (values(row) for row in found)
            return sheet_answer(request, self.title, "ClauseList", HEADS, shown, query)
        context = {
            "title": self.title,
            "tab": "clauses",
            "form": form,
            "figures": figures(rows),
            "groups": grouped(found),
            "total": len(found),
            "query": query,
            "mark": DEFAULT_MARK,
        }
        return render(request, "compliance/clauses.html", context)


@require_GET
def clause(request: HttpRequest, node: str) -> HttpResponse:
    """One place: what it says, by when, with which numbers, what follows, on which law, and what serves it now."""
    user = require(request, "clause.view")
    library = shipped()
    if node not in library.nodes:
        raise Http404
    subject, today = library.nodes[node], beijing_day(now())
    row = row_of(library, subject, today)
    context = {
        "row": row,
        "node": subject,
        "number": short_number(row.document),
        "series": SERIES[subject.series],
        "mines": listed(MINE_KINDS, subject.mine_kinds),
        "cadence": CADENCES.get(subject.cadence or "", ""),
        "lasts": LASTS[subject.lasts],
        "room": ROOMS[subject.room],
        "above": library.nodes.get(subject.under or ""),
        "below": detail.children_of(library, subject),
        "related": library.related(subject),
        "limits": detail.limits(subject.thresholds),
        "breaches": detail.breaches(library, subject),
        "acts": detail.acts(library, subject, today),
        "choices": detail.choices(library, subject, standing_readings(today)),
        "lacking": library.lacking(subject),
        "official": official(Path(settings.HOME), subject),
        "rules": [(code, RULE_WORDS.get(code, code)) for code in row.served.rules],
        "sees_rules": may(user, "rulebook.view"),
        "pages": [(page, may(user, page.permission)) for page in row.served.pages],
        "mark": DEFAULT_MARK,
    }
    return render(request, "compliance/clause.html", context)
