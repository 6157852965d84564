"""Documents of the office: what they say, where it comes from, and that they open: package, native charts, layout, own template."""

from __future__ import annotations

import io
import zipfile
from datetime import datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from docx import Document
from jinja2.exceptions import SecurityError
from lxml import etree
from openpyxl import load_workbook

from kuangan.base.case.errors import Forbidden, MissingFields
from kuangan.base.documents.charts import CHART, Chart, Series, with_charts
from kuangan.domains.campaign import progress, reporting, targets
from kuangan.domains.campaign.models import Milestone, Programme, Report, Target
from kuangan.domains.campaign.tests.conftest import DAY, Make, on
from kuangan.domains.campaign.writing import FOLDER, as_docx, template_of

KINDS = ("dispatch", "yearly", "final")


@pytest.fixture
def filled(people: Any, late: Programme, line: Make, moment: datetime) -> Programme:
    """Some values, one milestone reached late, an item of the county."""
    office: dict[str, Any] = {"by": people.province_officer, "at": moment}
    for day, value in (("2024-12-31", "38"), ("2025-12-31", "33")):
        targets.enter_value(
            Target.objects.get(code="T7-D"), on=on(day), value=Decimal(value), source="年度统计", **office
        )
    progress.record_done(Milestone.objects.get(node="SX36-9"), on("2024-07-05"), "清单印发", **office)
    line(late)
    return late


def made(programme: Programme, kind: str, people: Any, moment: datetime) -> Report:
    row = Report.objects.filter(programme=programme, kind=kind).order_by("due").first()
    assert row is not None
    return reporting.draft(row, as_of=on("2026-11-20"), by=people.province_officer, at=moment)


def words(content: bytes) -> str:
    document = Document(io.BytesIO(content))
    cells = [cell.text for table in document.tables for row in table.rows for cell in row.cells]
    return "\n".join([*(paragraph.text for paragraph in document.paragraphs), *cells])


@pytest.mark.parametrize("kind", KINDS)
def test_a_document_says_what_is_known_and_what_is_not(
    people: Any, filled: Programme, moment: datetime, tmp_path: Path, kind: str
) -> None:
    text = words(as_docx(made(filled, kind, people, moment), tmp_path))
    assert "草稿" in text and "逾期完成1项" in text and "非官方认定" in text
    assert "矿山事故遇难人数" in text and "基准尚未确定" in text
    assert "附件：数据来源和口径" in text and "年度统计" in text
    assert "{{" not in text and "{%" not in text and "[[chart" not in text


@pytest.mark.parametrize("kind", KINDS)
def test_charts_are_native_and_hold_the_figures(
    people: Any, filled: Programme, moment: datetime, tmp_path: Path, kind: str
) -> None:
    row = made(filled, kind, people, moment)
    package = zipfile.ZipFile(io.BytesIO(as_docx(row, tmp_path)))
    assert package.testzip() is None
    charts = [name for name in package.namelist() if name.startswith("word/charts/chart")]
    books = [name for name in package.namelist() if name.startswith("word/embeddings/")]
    assert len([name for name in charts if name.endswith(".xml")]) == len(books) >= 2
    types = package.read("[Content_Types].xml").decode()
    assert "drawingml.chart+xml" in types
    for name in package.namelist():
        if name.endswith((".xml", ".rels")):
            etree.fromstring(package.read(name))
    tree = etree.fromstring(package.read("word/charts/chart1.xml"))
    values = [node.text for node in tree.iter(f"{{{CHART}}}v")]
    sheet = load_workbook(io.BytesIO(package.read("word/embeddings/chart1.xlsx"))).active
    assert all(str(cell.value) in values for line in sheet.iter_rows() for cell in line if cell.value not in (None, ""))


def test_the_layout_is_that_of_official_documents(
    people: Any, filled: Programme, moment: datetime, tmp_path: Path
) -> None:
    document = Document(io.BytesIO(as_docx(made(filled, "yearly", people, moment), tmp_path)))
    section = document.sections[0]
    sizes = [
        round(side.mm) for side in (section.page_width, section.top_margin, section.left_margin, section.right_margin)
    ]
    assert sizes == [210, 37, 28, 26]
    assert document.paragraphs[0].runs[0].font.name == "方正小标宋简体"
    assert {"黑体", "仿宋_GB2312"} <= {run.font.name for paragraph in document.paragraphs for run in paragraph.runs}


def test_the_same_day_gives_the_same_figures(people: Any, filled: Programme, moment: datetime) -> None:
    first = reporting.content_of(filled, on("2026-11-20"), since=on("2026-01-01"))
    assert first == reporting.content_of(filled, on("2026-11-20"), since=on("2026-01-01"))


def test_a_day_of_the_past_is_told_as_it_was_then(people: Any, filled: Programme) -> None:
    found = {
        row["code"]: row for row in reporting.content_of(filled, on("2025-06-30"), since=on("2025-01-01"))["targets"]
    }
    assert (found["T7-D"]["value"], found["T7-D"]["on"]) == ("38", "2024-12-31")
    before = reporting.content_of(filled, on("2024-07-01"), since=on("2024-01-01"))["milestones"]["counts"]
    assert before["late"] == 0


def test_an_issued_document_stays_as_it_was(people: Any, filled: Programme, moment: datetime) -> None:
    row = made(filled, "final", people, moment)
    for name in ("province_officer", "city_leader"):
        with pytest.raises(Forbidden):
            reporting.issue(row, on=on("2026-11-21"), number="1号", by=people.people[name], at=moment)
    issued = reporting.issue(row, on=on("2026-11-21"), number="示例〔2026〕1号", by=people.province_leader, at=moment)
    with pytest.raises(MissingFields):
        reporting.draft(issued, as_of=on("2026-11-21"), by=people.province_officer, at=moment + DAY)
    with pytest.raises(MissingFields):
        reporting.remark(issued, "改", by=people.province_officer, at=moment)
    assert "示例〔2026〕1号" in words(as_docx(issued, Path("/nonexistent")))


def test_the_office_brings_its_own_template(people: Any, filled: Programme, moment: datetime, tmp_path: Path) -> None:
    own = Document(io.BytesIO(template_of("final", tmp_path)))
    own.paragraphs[0].insert_paragraph_before("本单位版头")
    (tmp_path / FOLDER).mkdir()
    own.save(tmp_path / FOLDER / "campaign_final.docx")
    assert words(as_docx(made(filled, "final", people, moment), tmp_path)).startswith("本单位版头")


def test_a_template_reaches_nothing_but_its_words(
    people: Any, filled: Programme, moment: datetime, tmp_path: Path
) -> None:
    own = Document()
    own.add_paragraph("{{ title.__class__.__mro__[1].__subclasses__() }}")
    (tmp_path / FOLDER).mkdir()
    own.save(tmp_path / FOLDER / "campaign_final.docx")
    with pytest.raises(SecurityError):
        as_docx(made(filled, "final", people, moment), tmp_path)


def test_a_chart_without_data_says_so() -> None:
    document = Document()
    document.add_paragraph("[[chart:none]]")
    document.add_paragraph("[[chart:unknown]]")
    out = io.BytesIO()
    document.save(out)
    text = words(with_charts(out.getvalue(), {"none": Chart("line", "趋势", [], [Series("a", [], "000000")])}))
    assert "趋势（数据不足，未作图）" in text and "[[chart:unknown]]" in text
