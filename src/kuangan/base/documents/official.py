"""The layout of official documents of party and government (GB/T 9704-2012) for templates made in code.

Fonts are named, none is shipped. Number, signature and seal are left to whoever issues the document.
"""

from __future__ import annotations

from typing import Any, Final

from docx import Document
from docx.enum.text import WD_ALIGN_PARAGRAPH, WD_LINE_SPACING
from docx.oxml import OxmlElement
from docx.oxml.ns import qn
from docx.shared import Mm, Pt

from kuangan.base.documents.word import FONTS, styled

MARGINS_MM: Final = {"top": 37, "bottom": 35, "left": 28, "right": 26}
TITLE_PT, BODY_PT, SMALL_PT, CELL_PT = 22, 16, 10.5, 9.5
LINE_PT: Final = 28.5
SECOND_HEAD: Final = "楷体_GB2312"


def new_official() -> Any:
    """An empty A4 page with the margins of the standard, body type size 3, and page numbers between dashes."""
    document = Document()
    styled(document.styles["Normal"], FONTS["body"], BODY_PT)
    section = document.sections[0]
    section.page_width, section.page_height = Mm(210), Mm(297)
    for side, size in MARGINS_MM.items():
        setattr(section, f"{side}_margin", Mm(size))
    _page_number(section.footer.paragraphs[0])
    return document


def title(document: Any, text: str) -> None:
    paragraph = _paragraph(document, text, FONTS["title"], TITLE_PT)
    paragraph.alignment = WD_ALIGN_PARAGRAPH.CENTER
    paragraph.paragraph_format.line_spacing = Pt(34)


def centred(document: Any, text: str) -> None:
    _paragraph(document, text, FONTS["body"], BODY_PT).alignment = WD_ALIGN_PARAGRAPH.CENTER


def head(document: Any, text: str) -> None:
    """一、 in black type."""
    paragraph = _indented(_paragraph(document, text, FONTS["head"], BODY_PT))
    paragraph.paragraph_format.keep_with_next = True


def second(document: Any, text: str) -> None:
    """（一） in regular script."""
    paragraph = _indented(_paragraph(document, text, SECOND_HEAD, BODY_PT))
    paragraph.paragraph_format.keep_with_next = True


def body(document: Any, text: str) -> None:
    _indented(_paragraph(document, text, FONTS["body"], BODY_PT))


def tag(document: Any, text: str) -> None:
    """A paragraph that docxtpl takes out (`{%p … %}`)."""
    document.add_paragraph(text)


def small(document: Any, text: str) -> None:
    """Remarks below tables and charts."""
    paragraph = _paragraph(document, text, FONTS["body"], SMALL_PT)
    paragraph.paragraph_format.line_spacing = Pt(16)


def signed(document: Any, text: str) -> None:
    """Whose document it is and its day, on the right."""
    paragraph = _paragraph(document, text, FONTS["body"], BODY_PT)
    paragraph.alignment = WD_ALIGN_PARAGRAPH.RIGHT
    paragraph.paragraph_format.right_indent = Pt(BODY_PT * 2)


def chart(document: Any, name: str) -> None:
    """Where the chart of that name comes to stand."""
    paragraph = document.add_paragraph(f"[[chart:{name}]]")
    paragraph.alignment = WD_ALIGN_PARAGRAPH.CENTER


def new_page(document: Any) -> None:
    document.add_page_break()


def grid(document: Any, rows: str, heads: tuple[str, ...], fields: tuple[str, ...], widths_mm: tuple[int, ...]) -> None:
    """A table whose head is repeated on every page: one row for each of `rows`, between the two that docxtpl takes out."""
    made = document.add_table(rows=4, cols=len(heads))
    made.style = "Table Grid"
    made.autofit = False
    for column, width in enumerate(widths_mm):
        made.columns[column].width = Mm(width)
        for row in made.rows:
            row.cells[column].width = Mm(width)
    for cell, text in zip(made.rows[0].cells, heads, strict=True):
        _cell(cell, text, FONTS["head"])
    _cell(made.rows[1].cells[0], f"{{%tr for one in {rows} %}}")
    for cell, name in zip(made.rows[2].cells, fields, strict=True):
        _cell(cell, f"{{{{ one.{name} }}}}")
    _cell(made.rows[3].cells[0], "{%tr endfor %}")
    for number in (0, 2):
        _row_flag(made.rows[number], "cantSplit")
    _row_flag(made.rows[0], "tblHeader")


def _paragraph(document: Any, text: str, font: str, size: float) -> Any:
    paragraph = document.add_paragraph()
    styled(paragraph.add_run(text), font, size)
    layout = paragraph.paragraph_format
    layout.line_spacing_rule, layout.line_spacing = WD_LINE_SPACING.EXACTLY, Pt(LINE_PT)
    layout.space_before = layout.space_after = Pt(0)
    return paragraph


def _indented(paragraph: Any) -> Any:
    """Two characters in, whatever the size of the type."""
    properties = paragraph._p.get_or_add_pPr()
    indent = properties.get_or_add_ind()
    indent.set(qn("w:firstLineChars"), "200")
    indent.set(qn("w:firstLine"), str(int(BODY_PT * 2 * 20)))
    return paragraph


def _cell(cell: Any, text: str, font: str = FONTS["body"]) -> None:
    styled(cell.paragraphs[0].add_run(text), font, CELL_PT)
    cell.paragraphs[0].paragraph_format.space_after = Pt(0)


def _row_flag(row: Any, name: str) -> None:
    properties = row._tr.get_or_add_trPr()
    properties.append(OxmlElement(f"w:{name}"))


def _page_number(paragraph: Any) -> None:
    paragraph.alignment = WD_ALIGN_PARAGRAPH.CENTER
    styled(paragraph.add_run("— "), "宋体", 14)
    run = paragraph.add_run()
    styled(run, "宋体", 14)
    for kind, text in (("begin", ""), ("", " PAGE "), ("end", "")):
        element = OxmlElement("w:fldChar" if kind else "w:instrText")
        if kind:
            element.set(qn("w:fldCharType"), kind)
        else:
            element.text = text
        run._r.append(element)
    styled(paragraph.add_run(" —"), "宋体", 14)
