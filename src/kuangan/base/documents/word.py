"""Word files made of tags of docxtpl in a plain document, so that no binary template has to be kept."""

from __future__ import annotations

import io
from collections.abc import Mapping
from typing import Any, Final

from docx import Document
from docx.enum.text import WD_ALIGN_PARAGRAPH
from docx.oxml.ns import qn
from docx.shared import Pt
from docxtpl import DocxTemplate

CONTENT_TYPE: Final = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"
FONTS: Final = {"title": "方正小标宋简体", "head": "黑体", "body": "仿宋_GB2312"}
"""Named, not shipped: an office suite without them takes its own."""


def new_template() -> Any:
    """An empty document in the body font."""
    document = Document()
    styled(document.styles["Normal"], FONTS["body"], 14)
    return document


def rendered(document: Any, words: Mapping[str, Any]) -> bytes:
    """The document with its tags filled in."""
    kept = io.BytesIO()
    document.save(kept)
    template = DocxTemplate(io.BytesIO(kept.getvalue()))
    template.render(dict(words), autoescape=True)
    out = io.BytesIO()
    template.save(out)
    return out.getvalue()


def table(document: Any, rows: str, heads: tuple[str, ...], fields: tuple[str, ...], unit: str = "") -> None:
    """A head row, and one row for each item between the two rows that docxtpl takes out."""
    made = document.add_table(rows=4, cols=len(heads))
    made.style = "Table Grid"
    for cell, head in zip(made.rows[0].cells, heads, strict=True):
        _fill(cell, head)
    _fill(made.rows[1].cells[0], f"{{%tr for one in {rows} %}}")
    for cell, name in zip(made.rows[2].cells, fields, strict=True):
        more = f" {{{{ one.{unit} }}}}" if unit and name == "value" else ""
        _fill(cell, f"{{{{ one.{name} }}}}{more}")
    _fill(made.rows[3].cells[0], "{%tr endfor %}")


def line(document: Any, text: str, font: str = FONTS["body"], size: int = 14, centre: bool = False) -> None:
    """A paragraph."""
    paragraph = document.add_paragraph()
    styled(paragraph.add_run(text), font, size)
    if centre:
        paragraph.alignment = WD_ALIGN_PARAGRAPH.CENTER


def styled(thing: Any, font: str, size: float) -> None:
    """The font by name, for Chinese text too."""
    thing.font.name, thing.font.size = font, Pt(size)
    thing.element.get_or_add_rPr().get_or_add_rFonts().set(qn("w:eastAsia"), font)


def _fill(cell: Any, text: str) -> None:
    styled(cell.paragraphs[0].add_run(text), FONTS["body"], 11)
