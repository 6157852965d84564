"""`kuangan policy`: texts go in, editions are compared, and every place says what serves it."""

from __future__ import annotations

from pathlib import Path
from typing import Final

import pytest

from tests.commands.running import ROOT, command
from tests.library.policy.texts import MEASURES, NUMBER, PLAN

SEEDS: Final = ROOT.parent / "shared" / "seeds"
SHIPPED = {"SX34": "晋安办发〔2024〕34号", "SX36": "晋安办发〔2024〕36号"}
NOTHING: Final = {"added": [], "removed": [], "changed": [], "renumbered": []}


def official(number: str = SHIPPED["SX34"]) -> str:
    """The invented measures under the number of a document that we hold data of."""
    return MEASURES.text().replace(NUMBER, number)


def test_a_text_is_counted_and_kept_as_an_edition(tmp_path: Path) -> None:
    path = tmp_path / "text.txt"
    path.write_text(official(), encoding="utf-8")
    done = command(tmp_path / "home", "policy", "import", path, "--json")
    assert done.code == 0, done.err
    counted = {
        name: done.result[name] for name in ("document", "clauses", "hard_measures", "safeguards", "edition", "new")
    }
    assert counted == {"document": "SX34", "clauses": 6, "hard_measures": 3, "safeguards": 0, "edition": 1, "new": True}
    assert done.result["unplaced"] == []
    assert len(done.result["authorities"]) == 7
    assert "SX34-7" in done.result["nodes_without_text"]
    assert (tmp_path / "home/policy/SX34/0001.json").exists()


def test_a_later_edition_is_compared_with_the_one_before(tmp_path: Path) -> None:
    first, second = tmp_path / "first.txt", tmp_path / "second.txt"
    first.write_text(official(), encoding="utf-8")
    second.write_text(official().replace("每月测试1次", "每月测试2次"), encoding="gb18030")
    command(tmp_path / "home", "policy", "import", first, "--json")
    done = command(tmp_path / "home", "policy", "import", second, "--json")
    assert (done.result["edition"], done.result["compared_with"]) == (2, 1)
    passage = {"before": "每月测试", "old": "1", "new": "2", "after": "次，误差不超过0.5%"[:10]}
    changed = [{"node": "SX34-1", "passages": [passage], "authorities": None, "under": None}]
    assert done.result["differences"] == NOTHING | {"changed": changed}
    again = command(tmp_path / "home", "policy", "import", first, "--json")
    assert (again.result["edition"], again.result["new"]) == (1, False)


def test_a_text_that_we_hold_no_data_of_is_read_and_not_kept(tmp_path: Path) -> None:
    path = tmp_path / "plan.txt"
    path.write_text(PLAN, encoding="utf-8")
    done = command(tmp_path / "home", "policy", "import", path, "--json")
    assert (done.code, done.result["document"], done.result["edition"]) == (0, None, None)
    assert (done.result["clauses"], done.result["safeguards"], done.result["organisation"]) == (3, 2, 1)
    assert not (tmp_path / "home/policy").exists()


def test_the_document_may_be_named_where_the_text_does_not_say(tmp_path: Path) -> None:
    path = tmp_path / "text.txt"
    path.write_text(MEASURES.text(), encoding="utf-8")
    done = command(tmp_path / "home", "policy", "import", path, "--document", "SX34", "--json")
    assert (done.result["document"], done.result["edition"]) == ("SX34", 1)
    stranger = command(tmp_path / "home", "policy", "import", path, "--document", "SX98", "--json")
    assert (stranger.code, stranger.result["error"]) == (2, "no document SX98: SX34, SX36")


@pytest.mark.parametrize(
    "content",
    [b"%PDF-1.7", b"PK\x03\x04", b"\xff\x00\xff", "没有编号。".encode()],
    ids=["pdf", "zip", "bytes", "words"],
)
def test_what_is_no_official_text_is_refused(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "file.txt"
    path.write_bytes(content)
    done = command(tmp_path / "home", "policy", "import", path, "--json")
    assert done.code == 2
    assert done.result["error"].startswith("file.txt: ")
    assert done.result["error"] in done.err


def test_two_files_are_compared_without_keeping_them(tmp_path: Path) -> None:
    old, new = tmp_path / "old.txt", tmp_path / "new.txt"
    old.write_text(MEASURES.text(), encoding="utf-8")
    new.write_text(MEASURES.without(0, 1).text(), encoding="utf-8")
    done = command(tmp_path / "home", "policy", "compare", old, new, "--json")
    assert done.code == 1
    assert [row["node"] for row in done.result["removed"]] == ["2"]
    same = command(tmp_path / "home", "policy", "compare", old, old, "--json")
    assert (same.code, same.result) == (0, NOTHING)
    assert not (tmp_path / "home").exists()


def test_every_place_has_an_owner_and_something_that_serves_it_or_a_room_it_waits_for(tmp_path: Path) -> None:
    done = command(tmp_path / "home", "policy", "coverage", "--json")
    assert done.code == 0, done.err
    result = done.result
    assert result["total"] == 172 == result["covered"] + result["waiting"]
    assert (result["without"], result["unknown"]) == ([], [])
    assert len({row["node"] for row in result["nodes"]}) == 172
    assert all(row["owner"] and row["authorities"] for row in result["nodes"])
    assert all(row["waits_for"] or row["rules"] or row["pages"] for row in result["nodes"])
    unnamed = next(row for row in result["nodes"] if row["node"] == "SX36-8")
    assert unnamed["owner"].startswith("文本未写明")


@pytest.mark.shared
def test_the_official_texts_are_read_whole(tmp_path: Path) -> None:
    measures = command(tmp_path / "home", "policy", "import", SEEDS / "000_2b9955074da7c7f1.txt", "--json").result
    found = {
        name: measures[name]
        for name in ("document", "clauses", "hard_measures", "safeguards", "unplaced", "clauses_with_authority")
    }
    assert found == {
        "document": "SX34",
        "clauses": 80,
        "hard_measures": 43,
        "safeguards": 0,
        "unplaced": [],
        "clauses_with_authority": 80,
    }
    assert len(measures["authorities"]) == 10
    assert measures["without_department"] == ["SX34-1", "SX34-12", "SX34-16", "SX34-78"]
    action = command(tmp_path / "home", "policy", "import", SEEDS / "002_84133fc7cb3bc150.txt", "--json").result
    names = ("clauses", "hard_measures", "safeguards", "targets", "organisation", "notice", "authorities", "unplaced")
    assert [action[name] for name in names] == [32, 0, 6, 9, 1, 1, [], []]
    for result in (measures, action):
        assert result["nodes_without_text"] == result["places_without_node"] == result["other_authorities"] == []
