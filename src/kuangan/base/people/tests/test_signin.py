import re

import pytest
from allauth.mfa.models import Authenticator
from allauth.mfa.totp.internal.auth import TOTP, format_hotp_value, hotp_value, yield_hotp_counters_from_time
from django.core.cache import cache
from django.test import Client
from django.urls import reverse

from kuangan.base.audit.models import AuditEntry
from kuangan.base.people.models import User

pytestmark = pytest.mark.django_db
PASSWORD = "heng-shan-4-yue"
SECRET = "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP"
ENGLISH = re.compile(r"\b(?!KuangAn\b)[A-Z][a-z]{3,}\b")


@pytest.fixture(autouse=True)
def nobody_is_locked_out(db):
    cache.clear()


@pytest.fixture
def officer(cast) -> User:
    cast.county_officer.set_password(PASSWORD)
    cast.county_officer.save()
    return cast.county_officer


def sign_in(browser: Client, password: str = PASSWORD, name: str = "county_officer"):
    return browser.post(reverse("account_login"), {"login": name, "password": password})


def actions() -> list[tuple[str, str]]:
    return list(AuditEntry.objects.order_by("id").values_list("action", "ident"))


def words(html: str) -> str:
    """What a person reads: no markup, no addresses."""
    return re.sub(r"<[^>]+>", " ", re.sub(r"<(style|script|svg).*?</\1>", " ", html, flags=re.S))


def test_the_right_password_signs_in_and_is_noted(officer, client) -> None:
    assert sign_in(client).status_code == 302
    assert client.get(reverse("registry:mines")).status_code == 200
    client.post(reverse("account_logout"))
    assert actions() == [("sign_in.succeeded", "county_officer"), ("sign_in.ended", "county_officer")]


def test_a_wrong_password_is_refused_in_chinese_and_noted(officer, client) -> None:
    page = sign_in(client, "wrong-wrong-wrong").content.decode()
    assert "用户名或密码不正确" in page
    assert actions() == [("sign_in.failed", "county_officer")]


def test_a_person_who_does_not_exist_looks_like_a_wrong_password(officer, client) -> None:
    assert "用户名或密码不正确" in sign_in(client, name="stranger").content.decode()


def test_five_failures_lock_the_account_even_for_the_right_password_and_other_browsers(officer, client) -> None:
    for _ in range(5):
        sign_in(client, "wrong-wrong-wrong")
    for browser in (client, Client()):
        assert "已锁定" in sign_in(browser).content.decode()
    assert client.get(reverse("registry:mines")).status_code == 302
    assert [action for action, _ in actions()] == ["sign_in.failed"] * 5 + ["sign_in.locked_out"]


def test_a_disabled_account_cannot_sign_in(officer, client) -> None:
    officer.is_active = False
    officer.save()
    answer = client.post(reverse("account_login"), {"login": "county_officer", "password": PASSWORD}, follow=True)
    assert "停用" in answer.content.decode()
    assert client.get(reverse("registry:mines")).status_code == 302


@pytest.mark.parametrize(
    "address",
    [
        "/accounts/signup/",
        "/accounts/email/",
        "/accounts/password/reset/",
        "/accounts/password/set/",
        "/accounts/login/code/confirm/",
        "/accounts/confirm-email/",
    ],
)
def test_what_the_product_does_not_offer_is_shut(officer, client, address) -> None:
    assert client.get(address).status_code == 404


def code_for(secret: str) -> str:
    return format_hotp_value(hotp_value(secret, next(iter(yield_hotp_counters_from_time()))))


def test_with_a_second_step_the_password_alone_is_not_enough(officer, client) -> None:
    TOTP.activate(officer, SECRET)
    assert sign_in(client)["Location"] == reverse("mfa_authenticate")
    assert client.get(reverse("registry:mines")).status_code == 302
    wrong = client.post(reverse("mfa_authenticate"), {"code": "000000"}).content.decode()
    assert "验证码不正确" in wrong
    assert client.post(reverse("mfa_authenticate"), {"code": code_for(SECRET)}).status_code == 302
    assert client.get(reverse("registry:mines")).status_code == 200
    assert [action for action, _ in actions()] == ["sign_in.code_failed", "sign_in.succeeded"]


def test_a_second_step_is_set_up_and_taken_away_by_its_owner(
    officer, client, django_capture_on_commit_callbacks
) -> None:
    sign_in(client)
    assert client.get(reverse("mfa_activate_totp")).status_code == 302
    client.post(reverse("account_reauthenticate"), {"password": PASSWORD})
    page = client.get(reverse("mfa_activate_totp"))
    secret = page.context["form"].secret
    with django_capture_on_commit_callbacks(execute=True):
        client.post(reverse("mfa_activate_totp"), {"code": code_for(secret)})
    assert "已启用" in client.get(reverse("mfa_index")).content.decode()
    client.post(reverse("mfa_deactivate_totp"))
    assert "未启用" in client.get(reverse("mfa_index")).content.decode()
    assert ("account.totp_added", "county_officer") in actions()
    assert ("account.totp_removed", "county_officer") in actions()


def test_the_key_of_an_authenticator_does_not_lie_open_in_the_database(officer) -> None:
    TOTP.activate(officer, SECRET)
    assert SECRET not in str(Authenticator.objects.get().data)


def test_a_password_is_changed_by_its_owner_and_bad_ones_are_refused(officer, client) -> None:
    sign_in(client)
    address = reverse("account_change_password")
    bad = client.post(address, {"oldpassword": "nope", "password1": "12345", "password2": "1"}).content.decode()
    assert "当前密码不正确" in bad
    new = "zhong-tiao-shan-77"
    assert client.post(address, {"oldpassword": PASSWORD, "password1": new, "password2": new}).status_code == 302
    officer.refresh_from_db()
    assert officer.check_password(new)
    assert ("account.password_changed", "county_officer") in actions()


def test_no_page_of_sign_in_speaks_english(officer, client) -> None:
    pages = [
        client.get(reverse("account_login")),
        sign_in(client, "wrong-wrong-wrong"),
        client.post(reverse("account_login"), {}),
    ]
    TOTP.activate(officer, SECRET)
    sign_in(client)
    pages += [client.get(reverse("mfa_authenticate")), client.post(reverse("mfa_authenticate"), {"code": "1"})]
    client.post(reverse("mfa_authenticate"), {"code": code_for(SECRET)})
    client.post(reverse("account_reauthenticate"), {"password": PASSWORD})
    client.post(reverse("mfa_generate_recovery_codes"))
    for name in (
        "mfa_index",
        "mfa_view_recovery_codes",
        "mfa_generate_recovery_codes",
        "mfa_deactivate_totp",
        "account_change_password",
        "account_reauthenticate",
        "mfa_reauthenticate",
        "account_inactive",
        "account_logout",
    ):
        pages.append(client.get(reverse(name)))
    client.post(reverse("mfa_deactivate_totp"))
    pages += [client.get(reverse("mfa_activate_totp")), client.post(reverse("mfa_activate_totp"), {"code": "1"})]
    for page in pages:
        assert page.status_code == 200, page.request["PATH_INFO"]
        assert ENGLISH.findall(words(page.content.decode())) == [], page.request["PATH_INFO"]
