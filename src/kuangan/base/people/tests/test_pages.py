import json
from io import BytesIO

import pytest
from django.urls import reverse
from openpyxl import load_workbook

from kuangan.base.audit.models import AuditEntry
from kuangan.base.people.models import User

pytestmark = pytest.mark.django_db
REASON = {"reason": "岗位调整"}


def actions() -> list[str]:
    return list(AuditEntry.objects.order_by("id").values_list("action", flat=True))


def test_a_stranger_is_sent_to_sign_in(cast, client_of) -> None:
    for name in ("people:users", "registry:mines", "registry:organisations"):
        answer = client_of(None).get(reverse(name))
        assert (answer.status_code, answer["Location"].split("?")[0]) == (302, "/accounts/login/")


def test_a_mine_may_not_open_the_accounts(cast, client_of) -> None:
    assert client_of(cast.mine_a_dispatcher).get(reverse("people:users")).status_code == 403


def test_officials_see_the_accounts_of_authorities_in_their_territory(cast, client_of) -> None:
    page = client_of(cast.county_officer).get(reverse("people:users")).content.decode()
    assert "县带班领导" in page
    assert "邻县值班员" not in page
    assert "甲矿调度员" not in page


def test_the_security_administrator_sees_every_account_and_others_may_not_manage(cast, client_of) -> None:
    page = client_of(cast.security_admin).get(reverse("people:users") + "?role=mine_dispatcher").content.decode()
    assert "甲矿调度员" in page
    assert "省值班员" not in page.split("<tbody>")[1]
    for person in (cast.province_officer, cast.system_admin, cast.auditor):
        answer = client_of(person).get(reverse("people:user_edit", args=[cast.county_officer.pk]))
        assert answer.status_code == 403


def test_an_account_outside_scope_is_not_found(cast, client_of) -> None:
    address = reverse("people:user", args=[cast.neighbour_officer.pk])
    assert client_of(cast.county_officer).get(address).status_code == 404
    assert client_of(cast.city_officer).get(address).status_code == 200


def test_an_account_is_opened_in_an_organisation_with_a_reason(cast, client_of) -> None:
    address = f"{reverse('people:user_new')}?organisation={cast.organisations['county'].pk}"
    browser = client_of(cast.security_admin)
    form = {"username": "new", "display_name": "新值班员", "password": "x" * 10, "roles": ["duty_officer"]}
    assert "password" in browser.post(address, form | REASON).context["form"].errors
    assert browser.post(address, form | {"password": "heng-shan-4-yue"}).context["form"].errors.keys() == {"reason"}
    assert browser.post(address, form | REASON | {"password": "heng-shan-4-yue"}).status_code == 302
    user = User.objects.get(username="new")
    assert (user.organisation, user.roles, user.check_password("heng-shan-4-yue")) == (
        cast.organisations["county"],
        ["duty_officer"],
        True,
    )
    assert AuditEntry.objects.get(action="account.created").reason == "岗位调整"


def test_nobody_is_given_two_of_the_three_administrators(cast, client_of) -> None:
    address = reverse("people:user_edit", args=[cast.auditor.pk])
    form = {"display_name": "审计", "roles": ["audit_admin", "system_admin"]} | REASON
    answer = client_of(cast.security_admin).post(address, form)
    assert "不得兼任" in answer.content.decode()
    cast.auditor.refresh_from_db()
    assert cast.auditor.roles == ["audit_admin"]


def test_nobody_changes_the_own_roles_or_disables_the_own_account(cast, client_of) -> None:
    browser, me = client_of(cast.security_admin), cast.security_admin
    form = {"display_name": "我", "roles": ["security_admin", "leader"]} | REASON
    assert "本人的角色" in browser.post(reverse("people:user_edit", args=[me.pk]), form).content.decode()
    assert "本人的账号" in browser.post(reverse("people:user_active", args=[me.pk]), REASON).content.decode()
    assert actions() == []


def test_a_disabled_account_is_out_at_once_and_can_be_enabled_again(cast, client_of) -> None:
    theirs = client_of(cast.county_officer)
    address = reverse("people:user_active", args=[cast.county_officer.pk])
    assert theirs.get(reverse("registry:mines")).status_code == 200
    assert client_of(cast.security_admin).post(address, REASON).status_code == 302
    assert theirs.get(reverse("registry:mines")).status_code == 302
    client_of(cast.security_admin).post(address, REASON)
    assert actions() == ["account.disabled", "account.enabled"]


def test_a_reset_password_ends_the_running_sessions(cast, client_of) -> None:
    theirs = client_of(cast.county_officer)
    address = reverse("people:user_password", args=[cast.county_officer.pk])
    answer = client_of(cast.security_admin).post(address, REASON | {"password": "wu-tai-shan-3058"})
    assert answer.status_code == 302
    assert theirs.get(reverse("registry:mines")).status_code == 302
    assert actions() == ["account.password_reset"]


def test_the_list_is_exported_to_excel_and_noted(cast, client_of) -> None:
    answer = client_of(cast.security_admin).get(reverse("people:users") + "?export=xlsx&kind=mine")
    rows = list(load_workbook(BytesIO(answer.content)).active.values)
    assert rows[0][:2] == ("姓名", "用户名")
    assert sorted(row[1] for row in rows[1:]) == ["mine_a_dispatcher", "mine_a_manager", "mine_b_dispatcher"]
    assert actions() == ["list.exported"]


def test_the_page_of_an_account_tells_its_history_to_those_who_may_know(cast, client_of) -> None:
    address = reverse("people:user", args=[cast.county_officer.pk])
    client_of(cast.security_admin).post(reverse("people:user_active", args=[cast.county_officer.pk]), REASON)
    assert "岗位调整" in client_of(cast.auditor).get(address).content.decode()
    assert "岗位调整" not in client_of(cast.county_leader).get(address).content.decode()


def test_a_person_moves_to_another_organisation_with_a_reason(cast, client_of) -> None:
    address = reverse("people:user_edit", args=[cast.county_officer.pk])
    said = {"display_name": "县值班员", "roles": ["duty_officer"], "reason": "调动"}
    browser = client_of(cast.security_admin)
    assert browser.post(address, said | {"organisation": cast.organisations["city"].pk}).status_code == 302
    cast.county_officer.refresh_from_db()
    assert cast.county_officer.organisation == cast.organisations["city"]
    content = json.loads(AuditEntry.objects.get(action="account.changed").content)
    assert (content["before"]["organisation"], content["after"]["organisation"]) == (
        "长治市上党区应急管理局",
        "长治市应急管理局",
    )
    assert browser.post(address, said).status_code == 302
    cast.county_officer.refresh_from_db()
    assert cast.county_officer.organisation == cast.organisations["city"]


def test_a_sealed_group_is_entered_and_left_by_decision_of_the_security_administrator(cast, client_of) -> None:
    browser, officer = client_of(cast.security_admin), cast.county_officer
    address = reverse("people:user_groups", args=[officer.pk])
    assert browser.post(address, {"groups": ["suspicion"]}).context["form"].errors.keys() == {"reason"}
    assert browser.post(address, {"groups": ["suspicion"]} | REASON).status_code == 302
    officer.refresh_from_db()
    assert officer.sealed_groups == ["suspicion"]
    assert "监测疑点" in browser.get(reverse("people:user", args=[officer.pk])).content.decode()
    assert browser.post(address, REASON).status_code == 302
    officer.refresh_from_db()
    assert officer.sealed_groups == []
    assert actions() == ["account.groups_set", "account.groups_set"]


def test_nobody_lets_himself_or_an_enterprise_into_a_sealed_group(cast, client_of) -> None:
    browser, form = client_of(cast.security_admin), {"groups": ["suspicion"]} | REASON
    own = browser.post(reverse("people:user_groups", args=[cast.security_admin.pk]), form)
    assert "本人的密级组" in own.content.decode()
    mine = browser.post(reverse("people:user_groups", args=[cast.mine_a_dispatcher.pk]), form)
    assert "监管监察机关" in mine.content.decode()
    assert User.objects.exclude(sealed_groups=[]).count() == 0
    assert actions() == []


def test_membership_ends_with_a_transfer_and_stays_with_a_new_phone(cast, client_of) -> None:
    browser, officer = client_of(cast.security_admin), cast.county_officer
    User.objects.filter(pk=officer.pk).update(sealed_groups=["suspicion"])
    address = reverse("people:user_edit", args=[officer.pk])
    form = {"display_name": "县值班员", "roles": ["duty_officer"], "phone": "0000-1"} | REASON
    assert browser.post(address, form).status_code == 302
    officer.refresh_from_db()
    assert officer.sealed_groups == ["suspicion"]
    assert browser.post(address, form | {"organisation": cast.organisations["city"].pk}).status_code == 302
    officer.refresh_from_db()
    assert officer.sealed_groups == []
