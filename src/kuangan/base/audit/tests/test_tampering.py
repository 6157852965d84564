"""Everything that somebody with a database shell may try is found, by the program and by the stand-alone script."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from kuangan.base import audit
from kuangan.base.audit.digest import START, entry_digest, link_digest
from kuangan.base.audit.models import AuditEntry, AuditLink
from kuangan.base.audit.writing import fields_of

AT = datetime(2026, 11, 21, 1, 0, tzinfo=UTC)
SCRIPT = Path(__file__).parents[5] / "scripts" / "verify_audit.py"
Sql = Callable[..., None]


def change_content(sql: Sql, ids: list[int]) -> None:
    sql("UPDATE audit_auditentry SET content = %s WHERE id = %s", '{"n":99}', ids[2])


def change_reason_and_digest(sql: Sql, ids: list[int]) -> None:
    sql("UPDATE audit_auditentry SET reason = 'softened' WHERE id = %s", ids[2])
    entry = AuditEntry.objects.get(pk=ids[2])
    sql("UPDATE audit_auditentry SET digest = %s WHERE id = %s", entry_digest(fields_of(entry)), ids[2])


def change_entry_and_its_link(sql: Sql, ids: list[int]) -> None:
    change_reason_and_digest(sql, ids)
    rewrite_link(sql, AuditLink.objects.get(entry_id=ids[2]))


def rewrite_link(sql: Sql, link: AuditLink, previous: str | None = None) -> str:
    of_entry = entry_digest(fields_of(AuditEntry.objects.get(pk=link.entry_id)))
    previous = previous or link.previous
    own = link_digest(link.sequence, previous, link.entry_id, of_entry, link.sealed_at)
    sql(
        "UPDATE audit_auditlink SET previous = %s, digest = %s, entry_digest = %s WHERE sequence = %s",
        previous,
        own,
        of_entry,
        link.sequence,
    )
    return own


def delete_entry(sql: Sql, ids: list[int]) -> None:
    sql("DELETE FROM audit_auditentry WHERE id = %s", ids[1])


def delete_link(sql: Sql, ids: list[int]) -> None:
    sql("DELETE FROM audit_auditlink WHERE entry_id = %s", ids[1])


def delete_entry_and_link(sql: Sql, ids: list[int]) -> None:
    delete_entry(sql, ids)
    delete_link(sql, ids)


def insert_entry(sql: Sql, ids: list[int]) -> None:
    columns = "actor_id, actor_name, action, kind, ident, content, at, reason, digest"
    sql(f"INSERT INTO audit_auditentry ({columns}) SELECT {columns} FROM audit_auditentry WHERE id = %s", ids[0])


def swap_two(sql: Sql, ids: list[int]) -> None:
    for old, new in ((ids[0], -1), (ids[1], ids[0]), (-1, ids[1])):
        sql("UPDATE audit_auditlink SET entry_id = %s WHERE entry_id = %s", new, old)


TRICKS = [
    (change_content, {"changed"}),
    (change_reason_and_digest, {"changed"}),
    (change_entry_and_its_link, {"changed"}),
    (delete_entry, {"removed"}),
    (delete_link, {"removed", "inserted"}),
    (delete_entry_and_link, {"removed"}),
    (insert_entry, {"inserted"}),
    (swap_two, {"changed"}),
]


def by_script(home: Path) -> tuple[int, set[str]]:
    """Exit status and kinds of faults of the stand-alone script on a fresh export."""
    path = audit.export_chain(home)
    heads = sorted((home / "audit").glob("heads-*.json"))
    run = subprocess.run([sys.executable, "-I", SCRIPT, path, *heads], capture_output=True, text=True, check=False)
    assert not run.stderr
    return run.returncode, {line.split(":")[0] for line in run.stdout.splitlines()[:-1]}


def test_an_untouched_chain_is_whole_for_both(chain: list[int], tmp_path: Path) -> None:
    audit.export_head(tmp_path, AT)
    audit.record(actor=None, action="a", kind="k", ident="waiting", content={}, at=AT)
    assert audit.verify(tmp_path) == []
    assert by_script(tmp_path) == (0, set())


@pytest.mark.parametrize(("trick", "kinds"), TRICKS, ids=[trick.__name__ for trick, _ in TRICKS])
def test_tampering_is_found_by_both(
    chain: list[int], sql: Sql, tmp_path: Path, trick: Callable[[Sql, list[int]], None], kinds: set[str]
) -> None:
    trick(sql, chain)
    assert {fault.kind for fault in audit.verify()} == kinds
    assert by_script(tmp_path) == (1, kinds)


def test_each_fault_is_reported_at_its_place(chain: list[int], sql: Sql) -> None:
    change_content(sql, chain)
    delete_entry(sql, chain)
    insert_entry(sql, chain)
    stranger = AuditEntry.objects.order_by("-pk").values_list("pk", flat=True)[0]
    found = [(fault.kind, fault.sequence, fault.entry) for fault in audit.verify()]
    assert found == [("removed", 2, chain[1]), ("changed", 3, chain[2]), ("inserted", None, stranger)]


def test_an_entry_removed_before_it_was_sealed_is_missed(chain: list[int], sql: Sql) -> None:
    entry = audit.record(actor=None, action="a", kind="k", ident="1", content={}, at=AT)
    sql("DELETE FROM audit_auditentry WHERE id = %s", entry.pk)
    assert [(fault.kind, fault.entry) for fault in audit.verify()] == [("removed", entry.pk)]


def test_an_entry_changed_before_it_was_sealed_is_noticed(chain: list[int], sql: Sql, tmp_path: Path) -> None:
    entry = audit.record(actor=None, action="a", kind="k", ident="1", content={}, at=AT)
    sql("UPDATE audit_auditentry SET action = 'b' WHERE id = %s", entry.pk)
    assert [(fault.kind, fault.entry) for fault in audit.verify()] == [("changed", entry.pk)]
    assert by_script(tmp_path) == (1, {"changed"})


def test_a_cut_tail_is_found_without_heads(chain: list[int], sql: Sql) -> None:
    sql("DELETE FROM audit_auditlink WHERE sequence = 5")
    sql("DELETE FROM audit_auditentry WHERE id = %s", chain[4])
    assert [fault.kind for fault in audit.verify()] == ["removed"]


def test_a_cut_tail_with_a_forged_head_is_found_by_the_exported_heads(
    chain: list[int], sql: Sql, tmp_path: Path
) -> None:
    audit.export_head(tmp_path, AT)
    sql("DELETE FROM audit_auditlink WHERE sequence = 5")
    sql("DELETE FROM audit_auditentry WHERE id = %s", chain[4])
    sql("UPDATE audit_audithead SET sequence = 4, digest = (SELECT digest FROM audit_auditlink WHERE sequence = 4)")
    assert audit.verify() == []
    assert [fault.kind for fault in audit.verify(tmp_path)] == ["removed"]
    assert by_script(tmp_path) == (1, {"removed"})


def test_a_chain_rewritten_from_its_start_is_found_by_the_exported_heads(
    chain: list[int], sql: Sql, tmp_path: Path
) -> None:
    audit.export_head(tmp_path, AT)
    change_reason_and_digest(sql, chain)
    previous = START
    for link in AuditLink.objects.order_by("sequence"):
        previous = rewrite_link(sql, link, previous)
    sql("UPDATE audit_audithead SET digest = %s", previous)
    assert audit.verify() == []
    assert [fault.kind for fault in audit.verify(tmp_path)] == ["changed"]
    assert by_script(tmp_path) == (1, {"changed"})


@pytest.mark.parametrize("content", ["", "{", "[]", '{"sequence": 5}', '{"sequence": null, "digest": ""}'])
def test_a_damaged_head_is_a_fault_and_no_crash(chain: list[int], tmp_path: Path, content: str) -> None:
    path = audit.export_head(tmp_path, AT)
    assert path is not None
    path.write_text(content)
    (fault,) = audit.verify(tmp_path)
    assert (fault.kind, path.name in fault.what) == ("changed", True)
    assert by_script(tmp_path) == (1, {"changed"})


def test_the_head_is_exported_once_each_beijing_day(chain: list[int], tmp_path: Path) -> None:
    first = audit.export_head(tmp_path, AT)
    assert first is not None
    kept = first.read_bytes()
    audit.record(actor=None, action="a", kind="k", ident="1", content={}, at=AT)
    audit.seal(AT)
    assert audit.export_head(tmp_path, AT) == first
    assert first.read_bytes() == kept
    second = audit.export_head(tmp_path, AT + timedelta(days=1))
    assert second is not None
    assert (first.name, second.name) == ("heads-20261121.json", "heads-20261122.json")
    assert [json.loads(path.read_text())["sequence"] for path in (first, second)] == [5, 6]
    assert audit.verify(tmp_path) == []


@pytest.mark.django_db
def test_an_empty_chain_has_no_head(tmp_path: Path) -> None:
    assert audit.export_head(tmp_path, AT) is None
