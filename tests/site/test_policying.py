"""What is taken for an official text, and what is not."""

from __future__ import annotations

from io import BytesIO
from zipfile import ZIP_DEFLATED, ZipFile

import docx
import pytest

from kuangan.base.compliance.texts_reading import LARGEST, UNPACKED, text_of

WORDS = "一、目标\n1.做好测试。"


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030", "utf-16"])
def test_a_text_is_read_in_the_encodings_of_offices(encoding: str) -> None:
    assert text_of("text.txt", WORDS.encode(encoding)) == WORDS


def test_a_docx_is_read_by_its_paragraphs() -> None:
    document, file = docx.Document(), BytesIO()
    for line in WORDS.split("\n"):
        document.add_paragraph(line)
    document.save(file)
    assert text_of("Text.DOCX", file.getvalue()) == WORDS


@pytest.mark.parametrize(
    ("name", "content", "why"),
    [
        ("text.pdf", b"%PDF-1.7", "not a PDF"),
        ("text.doc", b"\xd0\xcf\x11\xe0", "older office file"),
        ("text.docx", b"words", "no docx"),
        ("text.txt", b"\xff\x00\xff", "neither UTF-8 nor GB 18030"),
        ("text.txt", b" " * (LARGEST + 1), "too long"),
    ],
)
def test_other_files_are_refused(name: str, content: bytes, why: str) -> None:
    with pytest.raises(ValueError, match=why):
        text_of(name, content)


def test_a_docx_that_unpacks_to_no_end_is_refused() -> None:
    file = BytesIO()
    with ZipFile(file, "w", ZIP_DEFLATED, compresslevel=1) as bomb:
        bomb.writestr("word/document.xml", bytes(UNPACKED + 1))
    assert len(file.getvalue()) < LARGEST
    with pytest.raises(ValueError, match="too long"):
        text_of("text.docx", file.getvalue())
