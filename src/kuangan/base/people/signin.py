"""Sign-in through allauth: no sign-up, our words, and every attempt in the audit."""

from __future__ import annotations

from base64 import urlsafe_b64encode
from hashlib import sha256
from typing import Any

from allauth.account.adapter import DefaultAccountAdapter
from allauth.mfa.adapter import DefaultMFAAdapter
from allauth.mfa.models import Authenticator
from cryptography.fernet import Fernet
from django.conf import settings
from django.core.cache import cache
from django.core.exceptions import ValidationError
from django.http import HttpRequest

from kuangan.base import audit
from kuangan.base.clock import now
from kuangan.base.people.models import User

LOCK_OUT_NOTE_SECONDS = 600
SILENT = frozenset({"account/messages/logged_in.txt", "account/messages/logged_out.txt"})


class AccountAdapter(DefaultAccountAdapter):  # type: ignore[misc]
    """Accounts are made by the security administrator only."""

    error_messages = DefaultAccountAdapter.error_messages | {
        "account_inactive": "该账号已停用，请联系本单位安全管理员。",
        "username_password_mismatch": "用户名或密码不正确。",
        "invalid_login": "用户名或密码不正确。",
        "incorrect_password": "密码不正确。",
        "enter_current_password": "当前密码不正确。",
        "incorrect_code": "验证码不正确。",
        "too_many_login_attempts": "失败次数过多，账号已锁定，请 10 分钟后再试。",
        "rate_limited": "操作过于频繁，请稍后再试。",
        "same_as_current": "新内容不能与原内容相同。",
    }

    def is_open_for_signup(self, request: HttpRequest) -> bool:
        return False

    def add_message(
        self, request: HttpRequest, level: int, message_template: str | None = None, *args: Any, **kwargs: Any
    ) -> None:
        if message_template not in SILENT:
            super().add_message(request, level, message_template, *args, **kwargs)

    def pre_authenticate(self, request: HttpRequest, **credentials: Any) -> None:
        try:
            super().pre_authenticate(request, **credentials)
        except ValidationError:
            self._note_lock_out(request, _name(credentials))
            raise

    def authentication_failed(self, request: HttpRequest, **credentials: Any) -> None:
        note(request, "sign_in.failed", _name(credentials))

    def _note_lock_out(self, request: HttpRequest, name: str) -> None:
        """Once per lock-out: an attacker must not be able to fill the audit."""
        if cache.add(f"lock-out:{name.encode().hex()}", "noted", LOCK_OUT_NOTE_SECONDS):
            note(request, "sign_in.locked_out", name)


class MFAAdapter(DefaultMFAAdapter):  # type: ignore[misc]
    """Two-step verification in our words."""

    error_messages = DefaultMFAAdapter.error_messages | {
        "incorrect_code": "验证码不正确。",
        "cannot_delete_authenticator": "不能停用两步验证。",
        "cannot_generate_recovery_codes": "未启用两步验证，不能生成恢复码。",
        "unverified_email": "请先联系安全管理员核实账号。",
        "rate_limited": "操作过于频繁，请稍后再试。",
    }

    def get_totp_issuer(self) -> str:
        return "矿安 KuangAn"

    def encrypt(self, text: str) -> str:
        """Keys of authenticators rest encrypted, so that a copy of the database alone opens no account."""
        return _vault().encrypt(text.encode()).decode()

    def decrypt(self, encrypted_text: str) -> str:
        return _vault().decrypt(encrypted_text.encode()).decode()


def _vault() -> Fernet:
    key = sha256(b"kuangan.second-step:" + settings.SECRET_KEY.encode()).digest()
    return Fernet(urlsafe_b64encode(key))


def note(request: HttpRequest | None, action: str, name: str, actor: User | None = None) -> None:
    """One entry about the account `name`, with the address the request came from."""
    address = request.META.get("REMOTE_ADDR", "") if request else ""
    audit.record(actor=actor, action=action, kind="account", ident=name, content={"address": address}, at=now())


def _name(credentials: dict[str, Any]) -> str:
    return str(credentials.get("username") or "")[:128]


def on_signed_in(request: HttpRequest, user: User, **kwargs: Any) -> None:
    note(request, "sign_in.succeeded", user.username, user)


def on_signed_out(request: HttpRequest, user: User | None, **kwargs: Any) -> None:
    if user is not None:
        note(request, "sign_in.ended", user.username, user)


def on_password_changed(request: HttpRequest, user: User, **kwargs: Any) -> None:
    note(request, "account.password_changed", user.username, user)


def on_code_failed(request: HttpRequest, user: User, **kwargs: Any) -> None:
    note(request, "sign_in.code_failed", user.username)


def on_second_step_added(request: HttpRequest, user: User, authenticator: Authenticator, **kwargs: Any) -> None:
    note(request, f"account.{authenticator.type}_added", user.username, user)


def on_second_step_removed(request: HttpRequest, user: User, authenticator: Authenticator, **kwargs: Any) -> None:
    note(request, f"account.{authenticator.type}_removed", user.username, user)
