"""The list shell: query form, figures, table, keyset pages, columns, density and Excel export, written once."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from tempfile import SpooledTemporaryFile
from typing import Any, ClassVar
from urllib.parse import quote, urlencode

from django.db import transaction
from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.views import View

from kuangan.base import audit
from kuangan.base.clock import now
from kuangan.base.tables.bases import FilterSet, Table
from kuangan.base.tables.excel import CONTENT_TYPE, write_sheet
from kuangan.base.tables.keyset import BadMark, KeysetPage, keyset_page

EXPORT_LIMIT = 100_000
EXPORT_BATCH = 2_000
DENSITIES = {"normal": "标准", "dense": "紧凑"}
CONTROLS = ("after", "before", "export", "density", "columns", "set")


@dataclass(frozen=True, slots=True)
class Figure:
    """A number above a list; a link to the rows it counts."""

    value: object
    label: str
    note: str = ""
    href: str = ""
    level: str = ""


def sheet_answer(
    request: HttpRequest,
    title: str,
    ident: str,
    heads: Sequence[str],
    rows: Iterable[Sequence[Any]],
    query: str,
    name: str = "",
) -> HttpResponse:
    """An Excel file of a list as a download called `name`, else as the list; the audit tells who took which rows of list `ident`."""
    user = request.user
    with SpooledTemporaryFile(max_size=8 << 20) as out, transaction.atomic():
        count = write_sheet(out, title, heads, rows)
        audit.record(
            actor=user if user.is_authenticated else None,
            action="list.exported",
            kind="list",
            ident=ident,
            content={"rows": count, "query": query},
            at=now(),
        )
        out.seek(0)
        answer = HttpResponse(out.read(), content_type=CONTENT_TYPE)
    answer["Content-Disposition"] = f"attachment; filename*=UTF-8''{quote(name or title)}.xlsx"
    return answer


class ListView(View):
    """A list page. A room states `queryset`, `table_class`, `filterset_class`, a unique `order`, and perhaps figures.

    Columns named in the table class's `always` cannot be hidden. Density and columns are remembered in the session.
    `defaults` filter as long as the address names no field of the filter; an empty field in the address means all.
    """

    title: ClassVar[str]
    order: ClassVar[Sequence[str]]
    table_class: ClassVar[type[Table]]
    filterset_class: ClassVar[type[FilterSet]]
    template_name: ClassVar[str] = "tables/list.html"
    page_size: ClassVar[int] = 20
    export_name: ClassVar[str] = ""
    defaults: ClassVar[Mapping[str, str]] = {}

    def queryset(self) -> QuerySet[Any]:
        """The rows this person may see. Scope belongs here."""
        raise TypeError(f"{type(self).__name__} states no queryset")

    def figures(self) -> Sequence[Figure]:
        return ()

    def rows_ready(self, rows: list[Any]) -> list[Any]:
        """A last look at the rows of one page: attach what one set-based query can bring for all of them."""
        return rows

    def context(self) -> dict[str, Any]:
        return {}

    @cached_property
    def filterset(self) -> FilterSet:
        asked = self.request.GET
        chosen = asked if any(name in asked for name in self.filterset_class.base_filters) else self.defaults
        return self.filterset_class(chosen or None, queryset=self.queryset(), request=self.request)

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        self._remember()
        if request.GET.get("export") == "xlsx":
            return self._export()
        try:
            page = keyset_page(
                self.filterset.qs,
                self.order,
                self.page_size,
                after=request.GET.get("after"),
                before=request.GET.get("before"),
            )
        except BadMark as fault:
            raise Http404 from fault
        return render(request, self.template_name, self._shown(page))

    def _shown(self, page: KeysetPage) -> dict[str, Any]:
        hidden = self._hidden()
        table = self.table_class(self.rows_ready(page.rows), orderable=False, exclude=tuple(hidden))
        return {
            "title": self.title,
            "table": table,
            "filter": self.filterset,
            "figures": self.figures(),
            "total": self.filterset.qs.count(),
            "page": page,
            "page_size": self.page_size,
            "query": self._query(),
            "density": self._preferences().get("density", "normal"),
            "densities": DENSITIES,
            "columns": [(name, head, name not in hidden) for name, head in self._choosable()],
            "exportable": bool(self.export_name),
        } | self.context()

    def _query(self) -> str:
        """The query form's part of the address, ready to be continued with `&after=…`."""
        pairs = [(key, value) for key, values in self.request.GET.lists() if key not in CONTROLS for value in values]
        return urlencode([pair for pair in pairs if pair[1] or pair[0] in self.defaults])

    def _choosable(self) -> list[tuple[str, str]]:
        base: dict[str, Any] = self.table_class.base_columns
        return [
            (name, str(column.verbose_name or name))
            for name, column in base.items()
            if name not in self.table_class.always
        ]

    def _preferences(self) -> dict[str, Any]:
        kept: dict[str, Any] = self.request.session.get("lists", {})
        return dict(kept.get(type(self).__name__, {}))

    def _hidden(self) -> set[str]:
        return set(self._preferences().get("hidden", ())) & {name for name, _ in self._choosable()}

    def _remember(self) -> None:
        asked = self.request.GET
        preferences = self._preferences()
        if asked.get("density") in DENSITIES:
            preferences["density"] = asked["density"]
        if asked.get("set") == "columns":
            preferences["hidden"] = [name for name, _ in self._choosable() if name not in asked.getlist("columns")]
        if preferences != self._preferences():
            lists = self.request.session.get("lists", {})
            self.request.session["lists"] = lists | {type(self).__name__: preferences}

    def _export(self) -> HttpResponse:
        if not self.export_name:
            raise Http404
        table = self.table_class([], orderable=False, exclude=tuple(self._hidden()))
        heads = [str(column.header) for column in table.columns]
        ident, query = type(self).__name__, self._query()
        return sheet_answer(self.request, self.title, ident, heads, self._values(), query, name=self.export_name)

    def _values(self) -> Iterator[Sequence[Any]]:
        """Every row the query finds, in batches so that a province fits in little memory."""
        after: str | None = None
        for _ in range(EXPORT_LIMIT // EXPORT_BATCH):
            page = keyset_page(self.filterset.qs, self.order, EXPORT_BATCH, after=after)
            table = self.table_class(self.rows_ready(page.rows), orderable=False, exclude=tuple(self._hidden()))
            values = iter(table.as_values())
            next(values)
            yield from values
            after = page.after
            if after is None:
                return
