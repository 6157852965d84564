"""The JSON that goes over the wire, both ways, and its JSON Schema. Documented in docs/developers/exchange.md."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Annotated, Any, Literal, get_args

from pydantic import AfterValidator, AwareDatetime, BaseModel, Field

from kuangan.domains.datalink.exchange.mapping import Column, Mapping, Strict
from kuangan.domains.datalink.exchange.models import Mode, Package

OutName = Literal["kuangan.exchange.out/1"]
InName = Literal["kuangan.exchange.in/1"]
OUT: OutName = get_args(OutName)[0]
IN: InName = get_args(InName)[0]
MOST_RECORDS = 500
MOST_BYTES = 4 << 20


def _clean(text: str) -> str:
    """Text that every database and every page can hold."""
    if any((ord(sign) < 32 and sign not in "\n\t") or "\ud800" <= sign <= "\udfff" or sign == "\x7f" for sign in text):
        raise ValueError("control characters")
    return text.strip()


Text = Annotated[str, AfterValidator(_clean)]


class Sent(Strict):
    """One state of one case."""

    schema_name: OutName = Field(alias="schema")
    id: str = Field(description="stable: the same package has the same id however often it comes")
    platform: str
    mapping: int = Field(description="version of the mapping that wrote `data`")
    seq: int = Field(ge=1, description="grows within the platform; a higher one replaces a lower one of the same case")
    kind: str = Field(description="kind of case, as alert")
    event: Literal["raised", "changed", "withdrawn"]
    again: bool = Field(description="sent again at somebody's wish; the content may be the same")
    made_at: AwareDatetime
    mark: str = Field(description="what must be said of the codes, as 系统默认，非官方接口")
    data: dict[str, Any] = Field(description="the fields of the mapping")


class Envelope(Strict):
    digest: str = Field(
        pattern="^[0-9a-f]{64}$",
        description="SHA-256 of `package` as JSON with sorted keys, no white space, UTF-8, no escapes beyond those needed",
    )
    package: Sent


class Page(Strict):
    """The answer to a fetch, and the body of a push."""

    schema_name: OutName = Field(alias="schema")
    platform: str
    mode: Mode
    packages: list[Envelope]
    next: int = Field(description="give it back as `since`")
    more: bool = Field(description="whether there is more after `next` now")


class Record(Strict):
    """One thing they tell us."""

    id: Annotated[Text, Field(min_length=1, max_length=64)] = Field(description="theirs, stable; the same comes once")
    kind: Literal["ack", "handling"]
    package: Annotated[Text, Field(max_length=48)] = Field(
        default="", description="id of the package that an ack is for"
    )
    alert_no: Annotated[Text, Field(max_length=40)] = Field(default="", description="our number")
    official_no: Annotated[Text, Field(max_length=64)] = Field(default="", description="their number, read back")
    state: Annotated[Text, Field(max_length=16)] = Field(default="", description="code of their state; with handling")
    handled_at: AwareDatetime | None = Field(default=None, description="when it was handled there; with handling")
    handler: Annotated[Text, Field(max_length=40)] = ""
    note: Annotated[Text, Field(max_length=500)] = ""
    cause: Annotated[Text, Field(max_length=16)] = Field(default="", description="code of the table `cause`")
    people_out: Annotated[Text, Field(max_length=16)] = Field(default="", description="code of the table `withdrawn`")
    mine_code: Annotated[Text, Field(max_length=21)] = Field(default="", description="for what we do not have")
    title: Annotated[Text, Field(max_length=200)] = Field(default="", description="for what we do not have")


class Batch(Strict):
    """A request or a file of theirs. Records are looked at one by one: a bad one costs no other."""

    schema_name: InName = Field(alias="schema")
    records: list[Record] = Field(max_length=MOST_RECORDS)


class Refusal(Strict):
    record: int = Field(ge=0, description="which one, from 1; 0: the request or file as a whole")
    id: str
    reason: str
    detail: str


class Answer(Strict):
    """What became of a request of theirs: received = accepted + repeated + rejected."""

    received: int
    accepted: int
    repeated: int
    rejected: list[Refusal]


def page_bytes(platform: str, mode: str, packages: Sequence[Package], following: int, more: bool) -> bytes:
    """A page around bodies that are JSON already."""
    inside = ",".join(envelope_text(package) for package in packages)
    head = json.dumps({"schema": OUT, "platform": platform, "mode": mode, "next": following, "more": more})
    return f'{head[:-1]}, "packages": [{inside}]}}'.encode()


def envelope_text(package: Package) -> str:
    """A package as it lies in the folder."""
    return f'{{"digest":"{package.digest}","package":{package.body}}}'


TYPES: dict[str, dict[str, Any]] = {
    "text": {"type": "string"},
    "number": {"type": ["number", "null"]},
    "time": {"type": ["string", "null"], "format": "date-time"},
}


def out_schema(mapping: Mapping) -> dict[str, Any]:
    """JSON Schema of a page, with the fields and codes of this mapping in `data`."""
    schema = Page.model_json_schema(by_alias=True)
    schema["$schema"] = "https://json-schema.org/draft/2020-12/schema"
    schema["title"] = f"{OUT} {mapping.platform} {mapping.version}"
    schema["$defs"]["Sent"]["properties"]["data"] = {
        "type": "object",
        "additionalProperties": False,
        "required": [column.theirs for column in mapping.fields],
        "properties": {column.theirs: _column(mapping, column) for column in mapping.fields},
    }
    return schema


def in_schema(mapping: Mapping) -> dict[str, Any]:
    """JSON Schema of what they hand in, with the states and codes of this mapping."""
    schema = Batch.model_json_schema(by_alias=True)
    schema["$schema"] = "https://json-schema.org/draft/2020-12/schema"
    schema["title"] = f"{IN} {mapping.platform} {mapping.version}"
    record = schema["$defs"]["Record"]["properties"]
    record["state"]["enum"] = ["", *mapping.incoming]
    record["cause"]["enum"] = sorted({"", *mapping.tables["cause"].values()})
    record["people_out"]["enum"] = sorted({"", *mapping.tables["withdrawn"].values()})
    return schema


def _column(mapping: Mapping, column: Column) -> dict[str, Any]:
    said = {**TYPES[column.type], "description": column.words}
    if column.table:
        return said | {"enum": sorted(set(mapping.tables[column.table].values()))}
    if column.required and column.type != "text":
        said["type"] = said["type"][0]
    elif column.required:
        said["minLength"] = 1
    return said


def schema_text(schema: dict[str, Any]) -> str:
    """A schema as it stands in the documents."""
    return json.dumps(schema, ensure_ascii=False, indent=1, sort_keys=True) + "\n"


Wire = type[BaseModel]
