"""XML from strangers: no document type, no entities, bounded depth and size, nothing fetched."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Final, NoReturn
from xml.parsers import expat

from kuangan.domains.duty.weather.reading import LARGEST, Refused, refuse

DEEPEST: Final = 24
MOST_ELEMENTS: Final = 20_000
BETWEEN: Final = "|"


@dataclass(slots=True)
class Element:
    """A node: namespace, name, its own text, its children in order, and the line where it begins."""

    space: str
    name: str
    line: int
    text: str = ""
    children: list[Element] = field(default_factory=list)

    def all(self, name: str) -> list[Element]:
        return [child for child in self.children if child.name == name]

    def one(self, name: str) -> str:
        """The text of the first child of that name; empty without one."""
        return next((child.text.strip() for child in self.all(name)), "")


class _Forbidden(Exception):
    pass


def parse(payload: bytes) -> Element:
    """The tree of a document. Raises Refused for what is not well-formed, forbidden or too large."""
    if len(payload) > LARGEST:
        raise refuse("file", f"文件超过 {LARGEST >> 20} MB")
    parser = expat.ParserCreate(namespace_separator=BETWEEN)
    parser.SetParamEntityParsing(expat.XML_PARAM_ENTITY_PARSING_NEVER)
    parser.buffer_text = True
    builder = _Builder(parser)
    parser.StartElementHandler, parser.EndElementHandler = builder.start, builder.end
    parser.CharacterDataHandler = builder.data
    parser.StartDoctypeDeclHandler = builder.doctype
    parser.EntityDeclHandler = parser.ExternalEntityRefHandler = builder.entity
    try:
        parser.Parse(payload, True)
    except expat.ExpatError as fault:
        raise refuse("xml", f"不是合格的 XML：第 {fault.lineno} 行第 {fault.offset + 1} 列") from None
    except (_Forbidden, ValueError, LookupError) as fault:
        raise refuse("xml", str(fault) or "编码无法识别") from None
    if builder.root is None:
        raise Refused(refuse("xml", "空文档").faults)
    return builder.root


class _Builder:
    def __init__(self, parser: expat.XMLParserType) -> None:
        self.parser = parser
        self.root: Element | None = None
        self.open: list[Element] = []
        self.count = 0

    def start(self, name: str, attributes: dict[str, str]) -> None:
        self.count += 1
        if self.count > MOST_ELEMENTS or len(self.open) >= DEEPEST:
            raise _Forbidden("元素过多或层次过深")
        space, _, local = name.rpartition(BETWEEN)
        element = Element(space, local, self.parser.CurrentLineNumber)
        if self.open:
            self.open[-1].children.append(element)
        else:
            self.root = element
        self.open.append(element)

    def end(self, name: str) -> None:
        self.open.pop()

    def data(self, text: str) -> None:
        self.open[-1].text += text

    def doctype(self, *given: object) -> None:
        raise _Forbidden("不接受文档类型声明（DOCTYPE）")

    def entity(self, *given: object) -> NoReturn:
        raise _Forbidden("不接受实体声明")
