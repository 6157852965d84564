from __future__ import annotations

from importlib import resources

import pytest

from kuangan.library.telemetry.grammar import file_types, read_family

FAMILY = resources.files("kuangan.library.telemetry").joinpath("formats/mtt1201.yaml").read_text("utf-8")


def test_every_declared_type_says_what_it_feeds() -> None:
    feeds = {name: (kind.feeds, len(kind.header), kind.least, len(kind.columns)) for name, kind in file_types().items()}
    assert feeds["FZDY"] == ("stations", 3, 2, 5)
    assert feeds["CDDY"] == ("points", 7, 24, 24)
    assert feeds["CDSS"] == ("readings", 3, 7, 7)
    assert feeds["YCBJ"] == ("reported_alarms", 3, 17, 17)
    assert feeds["FZSS"] == feeds["JZSS"] == ("station_states", 3, 4, 4)
    assert feeds["TJSJ"] == ("statistics", 3, 12, 12)
    assert feeds["RYQY"] == ("areas", 3, 4, 4)
    assert feeds["RYJZ"] == ("base_stations", 3, 6, 6)
    assert feeds["RYXX"] == ("persons", 8, 9, 9)
    assert feeds["RYSS"] == ("positions", 3, 15, 15)


def test_a_type_may_have_other_forms_whose_columns_join_its_own() -> None:
    stations, positions = file_types()["RYJZ"], file_types()["RYSS"]
    assert [(len(form.header), len(form.columns)) for form in stations.forms] == [(3, 6), (7, 7)]
    assert [column.name for column in stations.fields][-2:] == ["area_type", "time"]
    assert [(form.names_mine, len(form.columns)) for form in positions.forms] == [(True, 15), (False, 10)]
    assert len(positions.fields) == 15


@pytest.mark.parametrize(
    ("said", "wrong"),
    [("[code, code]", "[code, riddle]"), ("feeds: points", "feeds: nothing"), ("[track, track]", "[track, riddle]")],
)
def test_an_unknown_kind_or_feed_is_an_error(said: str, wrong: str) -> None:
    with pytest.raises(ValueError, match="unknown kind or feed"):
        read_family(FAMILY.replace(said, wrong))
