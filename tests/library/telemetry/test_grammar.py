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


@pytest.mark.parametrize(("said", "wrong"), [("[code, code]", "[code, riddle]"), ("feeds: points", "feeds: nothing")])
def test_an_unknown_kind_or_feed_is_an_error(said: str, wrong: str) -> None:
    with pytest.raises(ValueError, match="unknown kind or feed"):
        read_family(FAMILY.replace(said, wrong))
