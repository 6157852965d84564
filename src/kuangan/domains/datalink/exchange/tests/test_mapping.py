"""Mappings are data that agree with the code; the documents agree with both."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest
import yaml
from pydantic import ValidationError

from kuangan.base.case.flow import flow_of
from kuangan.base.people.roles import Role
from kuangan.domains.alerts.rules import CAUSES, RULE_WORDS, WITHDRAWN
from kuangan.domains.datalink.exchange import leaving, managing, shapes
from kuangan.domains.datalink.exchange.job import turn
from kuangan.domains.datalink.exchange.mapping import SHIPPED, Mapping, damaged, mappings
from kuangan.domains.datalink.exchange.models import Key, Package, Platform
from kuangan.domains.datalink.exchange.taking import REASONS
from kuangan.domains.datalink.exchange.tests.conftest import SETUP, data_of, handling
from kuangan.domains.datalink.exchange.tests.schema import faults

Make = Callable[..., Any]
DOCS = Path(__file__).parents[6] / "docs/developers"
REFERENCE = DOCS.parent / "reference"


def raw() -> dict[str, Any]:
    found: dict[str, Any] = yaml.safe_load((SHIPPED / "warning.yaml").read_text(encoding="utf-8"))
    return found


def test_every_state_rule_cause_and_withdrawal_of_ours_has_a_code(mapping: Mapping) -> None:
    assert set(mapping.tables["state"]) == {*flow_of("alert").states, "withdrawn"}
    assert set(mapping.tables["rule"]) == set(RULE_WORDS)
    assert set(mapping.tables["cause"]) == {"", *CAUSES}
    assert set(mapping.tables["withdrawn"]) == {"", *WITHDRAWN}
    for table in mapping.tables.values():
        assert len(set(table.values())) == len(table)


def test_every_step_and_field_they_may_lead_to_exists(mapping: Mapping) -> None:
    for told in mapping.incoming.values():
        if told.step:
            step = flow_of("alert").transition(told.step)
            assert set(step.needs) <= set(told.form)
    assert set(mapping.incoming) == set(mapping.tables["state"].values())
    assert set(mapping.acts_as) <= set(Role.values)


@pytest.mark.parametrize(
    "change",
    [
        {"source": "default", "mark": ""},
        {"fields": [{"theirs": "a", "ours": "a", "type": "text", "table": "none", "words": ""}]},
        {"fields": [{"theirs": "a", "ours": "a", "type": "text", "words": ""}] * 2},
        {"tables": {"state": {"raised": "1"}}},
        {"incoming": {"77": {"words": "x"}}},
        {"surprise": 1},
    ],
)
def test_a_mapping_that_contradicts_itself_is_refused(change: dict[str, Any]) -> None:
    with pytest.raises(ValidationError):
        Mapping.model_validate(raw() | change)


@pytest.mark.django_db
@pytest.mark.usefixtures("time_stands_still")
def test_a_second_platform_is_a_file_in_the_home(
    home: Path, raised: Make, round_: Make, cast: Any, moment: datetime
) -> None:
    folder = home / "config" / "exchange"
    folder.mkdir()
    own = raw() | {"platform": "citydata", "name": "示例市数据平台", "short": "市平台", "grades": ["red"], "version": 7}
    (folder / "citydata.yaml").write_text(yaml.safe_dump(own, allow_unicode=True), encoding="utf-8")
    declared = mappings(home)
    assert set(declared) == {"warning", "citydata"}
    city = managing.Setup(True, "1404", SETUP.sectors, True)
    for code, setup in (("warning", SETUP), ("citydata", city)):
        managing.set_up(declared[code], setup, by=cast.system_admin, at=moment, reason="接入")
    raised("g1-1-1")
    raised("g1-2-1", grade="red", peak=3.2)
    assert len(round_()) == 2
    turn(home, moment)
    assert [p.ident for p in Package.objects.filter(platform="citydata")] == ["citydata-0000000001"]
    assert len(list((home / "exchange/citydata/out").iterdir())) == 1


def test_a_damaged_file_leaves_its_platform_out_and_is_said(home: Path, client_of: Any, cast: Any) -> None:
    folder = home / "config" / "exchange"
    folder.mkdir()
    (folder / "warning.yaml").write_text("platform: warning")
    (folder / "other.yaml").write_text(yaml.safe_dump(raw(), allow_unicode=True), encoding="utf-8")
    assert mappings(home) == {}
    assert "Field required" in damaged(home)["warning"] and damaged(home)["other"] == "other.yaml declares warning"
    assert "该平台已停止收发" in client_of(cast.system_admin).get("/exchange/").content.decode()
    assert "该平台已停止收发" not in client_of(cast.county_officer).get("/exchange/").content.decode()


@pytest.mark.django_db
@pytest.mark.usefixtures("time_stands_still")
def test_another_version_of_the_mapping_sends_what_is_open_in_its_words_and_what_was_stuck(
    platform: Platform, mapping: Mapping, raised: Make, round_: Make, cast: Any
) -> None:
    raised("g1-1-1")
    strange = raised("g1-2-1", mine=cast.mine_b.code)
    type(strange).objects.filter(pk=strange.pk).update(rule="new.rule")
    assert len(round_()) == 1
    tables = mapping.tables | {"rule": mapping.tables["rule"] | {"gas.over_limit": "9901", "new.rule": "9902"}}
    second = mapping.model_copy(update={"version": 2, "tables": tables})
    made = round_(of=second)
    assert sorted(data_of(package)["kind"] for package in made) == ["9901", "9902"]
    assert {json.loads(package.body)["mapping"] for package in made} == {2}
    assert round_(of=second) == []


@pytest.mark.parametrize(("name", "make"), [("out", shapes.out_schema), ("in", shapes.in_schema)])
def test_the_documented_schema_is_that_of_the_code(name: str, make: Make, mapping: Mapping) -> None:
    path = REFERENCE / f"exchange.{name}.schema.json"
    assert path.read_text(encoding="utf-8") == shapes.schema_text(make(mapping)), f"run `make docs` for {path.name}"


@pytest.mark.django_db
@pytest.mark.usefixtures("time_stands_still")
def test_what_leaves_obeys_the_documented_schema(
    platform: Platform, mapping: Mapping, raised: Make, round_: Make, cast: Any, moment: datetime
) -> None:
    raised("g1-1-1")
    raised("g1-2-1", mine=cast.mine_b.code, rule="link.network_outage", subject_kind="mine", peak=None, peak_at=None)
    round_()
    raised("g1-1-1", rev=2, status="void", end=0)
    round_()
    page = json.loads(leaving.fetch(platform, mapping, Key(region=""), 0, 100, moment).body)
    schema = json.loads((REFERENCE / "exchange.out.schema.json").read_text(encoding="utf-8"))
    assert len(page["packages"]) == 3 and faults(schema, page) == []
    shapes.Page.model_validate(page)
    page["packages"][0]["package"]["data"]["level"] = "red"
    del page["packages"][1]["package"]["data"]["state"]
    assert len(faults(schema, page)) == 2


@pytest.mark.django_db
@pytest.mark.usefixtures("time_stands_still")
def test_what_is_documented_as_an_example_is_taken(
    platform: Platform, raised: Make, round_: Make, told: Make, moment: datetime
) -> None:
    text = (DOCS / "exchange.md").read_text(encoding="utf-8")
    blocks = [json.loads(block) for block in re.findall(r"```json\n(.*?)```", text, re.DOTALL)]
    schemas = {
        name: json.loads((REFERENCE / f"exchange.{name}.schema.json").read_text(encoding="utf-8"))
        for name in ("in", "out")
    }
    page, batch, answer = blocks
    assert faults(schemas["out"], page) == [] and faults(schemas["in"], batch) == []
    shapes.Answer.model_validate(answer)
    alert = raised()
    round_()
    records = [{**record, "alert_no": alert.case.number} for record in batch["records"]]
    assert told(*records).rejected == []
    assert faults(schemas["in"], {"schema": shapes.IN, "records": [handling(alert, "77", moment)]}) != []


def test_every_reason_field_and_mode_is_documented(mapping: Mapping) -> None:
    text = (DOCS / "exchange.md").read_text(encoding="utf-8")
    words = [*REASONS, *(column.theirs for column in mapping.fields), *shapes.Record.model_fields]
    words += [*mapping.tables["state"].values(), "shadow", "assist", "primary"]
    assert not [word for word in words if f"`{word}`" not in text]
