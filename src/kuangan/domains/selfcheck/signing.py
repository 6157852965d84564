"""Two people sign a digest of the whole content. It shows that nothing was changed since; the paper they sign by hand has the same digest."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.db import transaction

from kuangan.base import audit
from kuangan.base.case.errors import Forbidden, MissingFields, NotYet, WrongState
from kuangan.base.case.models import Case, Step
from kuangan.base.case.performing import perform
from kuangan.base.people.models import User
from kuangan.base.people.roles import Role
from kuangan.domains.selfcheck import hooks
from kuangan.domains.selfcheck.models import Sheet, Signature
from kuangan.domains.selfcheck.rules import POST_CODES, content_digest, missing_signatures


def digest_of(sheet: Sheet) -> str:
    """The digest of everything that stands in a sheet now. Three queries."""
    files: dict[str, list[str]] = {}
    for node, sha256 in sheet.evidence.filter(withdrawn_at=None).values_list("node", "sha256"):
        files.setdefault(node, []).append(sha256)
    asked = {node for node, _ in sheet.items}
    rows = sheet.answers.filter(replaced_at=None, node__in=asked)
    answers = [
        {
            "node": row.node,
            "clause": row.fingerprint,
            "value": row.value,
            "text": row.text,
            "from": row.valid_from,
            "to": row.valid_to,
            "files": sorted(files.get(row.node, [])),
        }
        for row in rows
    ]
    return content_digest(_head(sheet), answers)


def _head(sheet: Sheet) -> dict[str, Any]:
    return {
        "number": sheet.case.number,
        "round": sheet.round.title,
        "mine": sheet.mine_id,
        "edition": sheet.edition.digest,
        "items": sheet.items,
    }


def posts_for(sheet: Sheet, user: User) -> list[str]:
    """The posts a person may sign for now, in the order of the table."""
    live = {row.post: row.by_id for row in sheet.signatures.filter(voided_at=None)}
    if not hooks.fills(sheet, user) or user.pk in live.values():
        return []
    return [post for post in POST_CODES if post not in live and _suits(sheet, post, user)]


def _suits(sheet: Sheet, post: str, user: User) -> bool:
    """The first post of a mine's sheet is its manager's; a manager does not take the other."""
    if not sheet.round.rules.by_mine:
        return True
    return (post == "lead") == (Role.MINE_MANAGER in user.roles)


@transaction.atomic
def sign(sheet: Sheet, post: str, *, title: str, by: User, at: datetime) -> Case:
    """Sign the content as it stands. Raises Forbidden, MissingFields, WrongState, NotYet while items are unanswered."""
    held = locked(sheet)
    if held.case.state not in ("drafting", "returned"):
        raise WrongState(held.case.state, "sign")
    if post not in POST_CODES or post not in posts_for(held, by):
        raise Forbidden("您不能签此岗位，或已签字")
    if not title.strip():
        raise MissingFields({"title": "必填"})
    if held.answered < held.asked:
        raise NotYet(held.case.state, "sign", f"还有 {held.asked - held.answered} 条未答，答完后签字")
    assert by.organisation is not None
    digest = digest_of(held)
    Signature.objects.create(
        sheet=held, post=post, by=by, organisation=by.organisation, title=title.strip()[:40], digest=digest, at=at
    )
    last = held.signatures.filter(voided_at=None).count() == len(POST_CODES)
    form = {"post": post, "title": title.strip(), "digest": digest}
    return perform(held.case, "sign_last" if last else "sign", by=by, at=at, form=form)


def void(sheet: Sheet, *, by: User, at: datetime, reason: str) -> int:
    """Void every signature of a sheet whose content changes; a sheet that was signed is a draft again. In the caller's transaction."""
    rows = list(sheet.signatures.filter(voided_at=None))
    if not rows:
        return 0
    Signature.objects.filter(pk__in=[row.pk for row in rows]).update(voided_at=at, void_reason=reason[:120])
    case = sheet.case
    content = {"signatures": [row.pk for row in rows]}
    audit.record(
        actor=by, action="signatures.voided", kind=case.kind, ident=case.number, content=content, at=at, reason=reason
    )
    if case.state == "signed":
        _draft_again(case, by, at, reason)
    return len(rows)


def _draft_again(case: Case, by: User, at: datetime, reason: str) -> None:
    """By whoever changes the content; where that is the body that renews the documents, nobody of the mine takes the step."""
    Step.objects.create(
        case=case,
        name="amend",
        from_state=case.state,
        to_state="drafting",
        by=by,
        organisation_id=by.organisation_id,
        at=at,
        reason=reason,
    )
    Case.objects.filter(pk=case.pk).update(state="drafting")
    case.state = "drafting"


def check_signed(sheet: Sheet) -> None:
    """Raises NotYet unless two different people signed exactly what stands there now."""
    rows = list(sheet.signatures.filter(voided_at=None))
    signed, live = {row.post: row.by_id for row in rows}, {row.post: row.digest for row in rows}
    if why := missing_signatures(signed, digest_of(sheet), live):
        raise NotYet(sheet.case.state, "submit", why)


def locked(sheet: Sheet) -> Sheet:
    rows = Sheet.objects.select_for_update(of=("self",)).select_related(
        "case", "mine", "round__edition", "edition", "supervisor"
    )
    return rows.get(pk=sheet.pk)
