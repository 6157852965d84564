"""Native charts for Word files: a DrawingML part with its own small workbook, so that Word and WPS draw and edit it.

A paragraph `[[chart:NAME]]` of a document becomes the chart of that name; one without data becomes its words.
"""

from __future__ import annotations

import io
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final, Literal
from xml.sax.saxutils import escape, quoteattr

from docx import Document
from docx.opc.constants import RELATIONSHIP_TYPE
from docx.opc.packuri import PackURI
from docx.opc.part import Part
from docx.oxml import parse_xml
from openpyxl import Workbook

MARK: Final = re.compile(r"\[\[chart:([a-z0-9_]+)\]\]")
CHART_TYPE: Final = "application/vnd.openxmlformats-officedocument.drawingml.chart+xml"
SHEET_TYPE: Final = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
MAIN: Final = "http://schemas.openxmlformats.org/drawingml/2006/main"
CHART: Final = "http://schemas.openxmlformats.org/drawingml/2006/chart"
RELATIONS: Final = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
WORDS: Final = "http://schemas.openxmlformats.org/wordprocessingml/2006/main"
PLACED: Final = "http://schemas.openxmlformats.org/drawingml/2006/wordprocessingDrawing"
MILLIMETRE: Final = 36_000
SIZE_MM: Final = (150, 80)
SHEET: Final = "Sheet1"
NO_DATA: Final = "（数据不足，未作图）"
LYING: Final = frozenset({"rows", "across"})


@dataclass(frozen=True, slots=True)
class Series:
    """One row of numbers; None is a gap. `colour` is six hex digits."""

    name: str
    values: Sequence[float | None]
    colour: str


@dataclass(frozen=True, slots=True)
class Chart:
    """Bars beside each other, standing (`bar`) or lying (`rows`), on each other, standing (`stacked`) or lying (`across`), or a line."""

    kind: Literal["bar", "rows", "stacked", "across", "line"]
    title: str
    categories: Sequence[str]
    series: Sequence[Series]
    unit: str = ""

    @property
    def empty(self) -> bool:
        return not self.categories or not any(value is not None for row in self.series for value in row.values)


def with_charts(content: bytes, charts: Mapping[str, Chart], no_data: str = NO_DATA) -> bytes:
    """The document with its marks replaced. A mark of an unknown chart stays as it is, to be seen."""
    document = Document(io.BytesIO(content))
    number = 0
    for paragraph in list(document.paragraphs):
        found = MARK.fullmatch(paragraph.text.strip())
        chart = charts.get(found.group(1)) if found else None
        if chart is None:
            continue
        for run in list(paragraph.runs):
            run._r.getparent().remove(run._r)
        if chart.empty:
            paragraph.add_run(f"{chart.title}{no_data}")
            continue
        number += 1
        paragraph.add_run()._r.append(_drawing(_attach(document, chart, number), number, chart.title))
    out = io.BytesIO()
    document.save(out)
    return out.getvalue()


def _attach(document: Any, chart: Chart, number: int) -> str:
    """Put the parts into the package; the id by which the text points to the chart."""
    package = document.part.package
    book = Part(PackURI(f"/word/embeddings/chart{number}.xlsx"), SHEET_TYPE, workbook(chart), package)
    part = Part(PackURI(f"/word/charts/chart{number}.xml"), CHART_TYPE, b"", package)
    data = part.relate_to(book, RELATIONSHIP_TYPE.PACKAGE)
    part._blob = chart_xml(chart, data).encode()
    ident: str = document.part.relate_to(part, RELATIONSHIP_TYPE.CHART)
    return ident


def workbook(chart: Chart) -> bytes:
    """The numbers as a sheet: categories down, series across. It opens when somebody edits the data of the chart."""
    book = Workbook()
    sheet = book.active
    assert sheet is not None
    sheet.title = SHEET
    sheet.append(["", *(row.name for row in chart.series)])
    for place, category in enumerate(chart.categories):
        sheet.append([category, *(row.values[place] for row in chart.series)])
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def _drawing(ident: str, number: int, title: str) -> Any:
    width, height = (side * MILLIMETRE for side in SIZE_MM)
    return parse_xml(
        f'<w:drawing xmlns:w="{WORDS}" xmlns:wp="{PLACED}" xmlns:a="{MAIN}" xmlns:c="{CHART}" xmlns:r="{RELATIONS}">'
        f'<wp:inline distT="0" distB="0" distL="0" distR="0"><wp:extent cx="{width}" cy="{height}"/>'
        f'<wp:effectExtent l="0" t="0" r="0" b="0"/>'
        f'<wp:docPr id="{1000 + number}" name="Chart {number}" descr={quoteattr(title)}/><wp:cNvGraphicFramePr/>'
        f'<a:graphic><a:graphicData uri="{CHART}"><c:chart r:id="{ident}"/></a:graphicData></a:graphic>'
        "</wp:inline></w:drawing>"
    )


def chart_xml(chart: Chart, data: str) -> str:
    """The part itself, with the numbers in it too: whoever cannot open the workbook still draws it."""
    body = _line(chart) if chart.kind == "line" else _bars(chart)
    across = chart.kind in LYING
    return (
        '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>'
        f'<c:chartSpace xmlns:c="{CHART}" xmlns:a="{MAIN}" xmlns:r="{RELATIONS}"><c:roundedCorners val="0"/><c:chart>'
        f"<c:title><c:tx><c:rich><a:bodyPr/><a:p><a:pPr>{_font(1200, bold=True)}</a:pPr><a:r>{_font(1200, True, 'rPr')}"
        f'<a:t>{escape(chart.title)}</a:t></a:r></a:p></c:rich></c:tx><c:overlay val="0"/></c:title>'
        f'<c:autoTitleDeleted val="0"/><c:plotArea><c:layout/>{body}{_axes(chart, across)}</c:plotArea>'
        f'{_legend(chart)}<c:plotVisOnly val="1"/><c:dispBlanksAs val="gap"/></c:chart>'
        f"<c:txPr><a:bodyPr/><a:p><a:pPr>{_font(900)}</a:pPr><a:endParaRPr/></a:p></c:txPr>"
        f'<c:externalData r:id="{data}"><c:autoUpdate val="0"/></c:externalData></c:chartSpace>'
    )


def _bars(chart: Chart) -> str:
    stacked = chart.kind in ("stacked", "across")
    return (
        f'<c:barChart><c:barDir val="{"bar" if chart.kind in LYING else "col"}"/>'
        f'<c:grouping val="{"stacked" if stacked else "clustered"}"/><c:varyColors val="0"/>'
        + "".join(_series(chart, place, line=False) for place in range(len(chart.series)))
        + f'<c:gapWidth val="60"/>{"<c:overlap val=" + chr(34) + "100" + chr(34) + "/>" if stacked else ""}'
        '<c:axId val="11"/><c:axId val="12"/></c:barChart>'
    )


def _line(chart: Chart) -> str:
    return (
        '<c:lineChart><c:grouping val="standard"/><c:varyColors val="0"/>'
        + "".join(_series(chart, place, line=True) for place in range(len(chart.series)))
        + '<c:marker val="1"/><c:axId val="11"/><c:axId val="12"/></c:lineChart>'
    )


def _series(chart: Chart, place: int, line: bool) -> str:
    row, column, last = chart.series[place], chr(ord("B") + place), len(chart.categories) + 1
    fill = f'<a:solidFill><a:srgbClr val="{row.colour}"/></a:solidFill>'
    shape = f'<a:ln w="28575">{fill}</a:ln>' if line else fill
    marker = f'<c:marker><c:symbol val="circle"/><c:size val="6"/><c:spPr>{fill}</c:spPr></c:marker>' if line else ""
    labels = (
        '<c:dLbls><c:showLegendKey val="0"/><c:showVal val="1"/><c:showCatName val="0"/><c:showSerName val="0"/>'
        '<c:showPercent val="0"/><c:showBubbleSize val="0"/></c:dLbls>'
    )
    return (
        f'<c:ser><c:idx val="{place}"/><c:order val="{place}"/>'
        f'<c:tx><c:strRef><c:f>{SHEET}!${column}$1</c:f><c:strCache><c:ptCount val="1"/>'
        f'<c:pt idx="0"><c:v>{escape(row.name)}</c:v></c:pt></c:strCache></c:strRef></c:tx>'
        f"<c:spPr>{shape}</c:spPr>{'' if line else '<c:invertIfNegative val=' + chr(34) + '0' + chr(34) + '/>'}{marker}{labels if line else ''}"
        f"<c:cat><c:strRef><c:f>{SHEET}!$A$2:$A${last}</c:f><c:strCache>"
        f'<c:ptCount val="{len(chart.categories)}"/>{_points(chart.categories)}</c:strCache></c:strRef></c:cat>'
        f"<c:val><c:numRef><c:f>{SHEET}!${column}$2:${column}${last}</c:f><c:numCache><c:formatCode>General</c:formatCode>"
        f'<c:ptCount val="{len(row.values)}"/>{_points(row.values)}</c:numCache></c:numRef></c:val>'
        f"{'<c:smooth val=' + chr(34) + '0' + chr(34) + '/>' if line else ''}</c:ser>"
    )


def _points(values: Sequence[object]) -> str:
    return "".join(
        f'<c:pt idx="{place}"><c:v>{escape(_plain(value))}</c:v></c:pt>'
        for place, value in enumerate(values)
        if value is not None
    )


def _plain(value: object) -> str:
    """A number as a sheet writes it: no point where there is nothing behind it."""
    return str(int(value)) if isinstance(value, float) and value.is_integer() else str(value)


def _axes(chart: Chart, across: bool) -> str:
    """Categories and values; a lying chart reads from the top."""
    places, turned = ("l", "b") if across else ("b", "l"), "maxMin" if across else "minMax"
    title = (
        f"<c:title><c:tx><c:rich><a:bodyPr/><a:p><a:r><a:rPr/><a:t>{escape(chart.unit)}</a:t></a:r></a:p></c:rich></c:tx>"
        '<c:overlay val="0"/></c:title>'
        if chart.unit
        else ""
    )
    grid = '<c:majorGridlines><c:spPr><a:ln w="6350"><a:solidFill><a:srgbClr val="D9D9D9"/></a:solidFill></a:ln></c:spPr></c:majorGridlines>'
    return (
        f'<c:catAx><c:axId val="11"/><c:scaling><c:orientation val="{turned}"/></c:scaling><c:delete val="0"/>'
        f'<c:axPos val="{places[0]}"/><c:majorTickMark val="none"/><c:minorTickMark val="none"/><c:tickLblPos val="low"/>'
        '<c:crossAx val="12"/><c:crosses val="autoZero"/></c:catAx>'
        f'<c:valAx><c:axId val="12"/><c:scaling><c:orientation val="minMax"/></c:scaling><c:delete val="0"/>'
        f'<c:axPos val="{places[1]}"/>{grid}{title}<c:numFmt formatCode="General" sourceLinked="0"/>'
        '<c:majorTickMark val="none"/><c:minorTickMark val="none"/><c:tickLblPos val="nextTo"/>'
        f'<c:crossAx val="11"/><c:crosses val="{"max" if across else "autoZero"}"/></c:valAx>'
    )


def _legend(chart: Chart) -> str:
    return '<c:legend><c:legendPos val="b"/><c:overlay val="0"/></c:legend>' if len(chart.series) > 1 else ""


def _font(size: int, bold: bool = False, tag: str = "defRPr") -> str:
    return f'<a:{tag} sz="{size}" b="{int(bold)}"><a:latin typeface="Times New Roman"/><a:ea typeface="仿宋_GB2312"/></a:{tag}>'
