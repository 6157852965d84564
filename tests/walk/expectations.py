"""What every role gets at every address: one literal row for each, in the order of ROLES.

`in` is the way to sign-in; a number is the status. An address that holds a thing of mine A answers 404 outside its scope.
A row is the name of an address, tried by GET; with " POST" it is posted to with the form of `tests.walk.world`.
"""

from __future__ import annotations

ROLES = (
    "stranger",
    "nobody",
    "mine_a_dispatcher",
    "mine_b_dispatcher",
    "parent_dispatcher",
    "county_officer",
    "neighbour_officer",
    "city_officer",
    "province_officer",
    "bureau_officer",
    "system_admin",
    "security_admin",
    "auditor",
)

# Shut for everybody: sign-up, mail, reset by mail, sign-in by code.
SHUT = "404 404 404 404 404 404 404 404 404 404 404 404 404"
# Open to whoever is signed in; it shows nothing but one's own.
SIGNED_IN = "in 200 200 200 200 200 200 200 200 200 200 200 200"
# Lists of a room that serves mines and authorities, and one thing of mine A in it.
ALERTS = "in 403 200 200 200 200 200 200 200 200 403 403 403"
ALERT_OF_A = "in 403 200 404 200 200 404 200 200 200 403 403 403"
REGISTER = "in 403 200 200 200 200 200 200 200 200 200 200 200"
MINE_A = "in 403 200 404 200 200 404 200 200 200 200 200 200"
LINK = "in 403 200 200 200 200 200 200 200 200 200 403 403"
# What the security administrator alone may open, and do.
ACCOUNTS = "in 403 403 403 403 403 403 403 403 403 403 200 403"
ACCOUNTS_DONE = "in 403 403 403 403 403 403 403 403 403 403 302 403"
# What the system administrator alone may change in the register.
REGISTRAR = "in 403 403 403 403 403 403 403 403 403 200 403 403"
REGISTRAR_DONE = "in 403 403 403 403 403 403 403 403 403 302 403 403"


def unsigned(row: str) -> str:
    """The row of an interface: whoever is not signed in gets 401 instead of the way to sign-in."""
    return row.replace("in ", "401 ", 1)


INTERFACE = unsigned(SIGNED_IN)

EXPECTED: dict[str, str] = {
    "metrics": SHUT,
    "account_login": "200 302 302 302 302 302 302 302 302 302 302 302 302",
    "account_logout": "302 200 200 200 200 200 200 200 200 200 200 200 200",
    "account_inactive": "200 200 200 200 200 200 200 200 200 200 200 200 200",
    "account_reauthenticate": "in 403 403 403 403 403 403 403 403 403 403 403 403",
    "account_change_password": "in 302 302 302 302 302 302 302 302 302 302 302 302",
    "account_signup": SHUT,
    "account_email": SHUT,
    "account_email_verification_sent": SHUT,
    "account_set_password": SHUT,
    "account_reset_password": SHUT,
    "account_confirm_login_code": SHUT,
    "account_confirm_email": SHUT,
    "account_reset_password_from_key_done": SHUT,
    "account_reset_password_from_key": SHUT,
    "account_reset_password_done": SHUT,
    "mfa_index": SIGNED_IN,
    "mfa_authenticate": "302 302 302 302 302 302 302 302 302 302 302 302 302",
    "mfa_reauthenticate": "in 403 403 403 403 403 403 403 403 403 403 403 403",
    "mfa_activate_totp": SIGNED_IN,
    "mfa_deactivate_totp": "in 404 404 404 404 404 404 404 404 404 404 404 404",
    "mfa_view_recovery_codes": "in 404 404 404 404 404 404 404 404 404 404 404 404",
    "mfa_generate_recovery_codes": SIGNED_IN,
    "mfa_download_recovery_codes": "in 404 404 404 404 404 404 404 404 404 404 404 404",
    "api:openapi-json": INTERFACE,
    "api:openapi-view": INTERFACE,
    "api:api-root": "401 404 404 404 404 404 404 404 404 404 404 404 404",
    "api:list_alerts": unsigned(ALERTS),
    "api:get_alert": unsigned(ALERT_OF_A),
    "api:get_curve": unsigned(ALERT_OF_A),
    "people:users": "in 403 403 403 403 200 200 200 200 200 200 200 200",
    "people:user": "in 403 403 403 403 404 404 404 404 404 200 200 200",
    "people:user_new": ACCOUNTS,
    "people:user_new POST": ACCOUNTS_DONE,
    "people:user_edit": ACCOUNTS,
    "people:user_edit POST": ACCOUNTS_DONE,
    "people:user_active": ACCOUNTS,
    "people:user_active POST": ACCOUNTS_DONE,
    "people:user_password": ACCOUNTS,
    "people:user_password POST": ACCOUNTS_DONE,
    "portal:inbox": SIGNED_IN,
    "portal:inbox_read": "in 405 405 405 405 405 405 405 405 405 405 405 405",
    "portal:inbox_read POST": "in 302 302 302 302 302 302 302 302 302 302 302 302",
    "registry:mines": REGISTER,
    "registry:mine": MINE_A,
    "registry:supervisor": REGISTRAR,
    "registry:supervisor POST": REGISTRAR_DONE,
    "registry:place": REGISTRAR,
    "registry:place POST": REGISTRAR_DONE,
    "registry:contacts": REGISTRAR,
    "registry:contacts POST": REGISTRAR_DONE,
    "registry:organisations": REGISTER,
    "registry:organisation": MINE_A,
    "alerts:desk": ALERTS,
    "alerts:arrivals": ALERTS,
    "alerts:rows": ALERTS,
    "alerts:sparklines": ALERTS,
    "alerts:export": ALERTS,
    "alerts:work": ALERTS,
    "alerts:alert": ALERT_OF_A,
    "alerts:drawer": ALERT_OF_A,
    "alerts:curve": ALERT_OF_A,
    "alerts:sheet": ALERT_OF_A,
    "alerts:evidence": ALERT_OF_A,
    "alerts:step": "in 405 405 405 405 405 405 405 405 405 405 405 405",
    # A yellow alert asks the mine and its direct supervisor; those above have nothing to acknowledge.
    "alerts:step POST": "in 403 302 404 409 302 404 409 409 403 403 403 403",
    "datalink:link": LINK,
    "datalink:export": LINK,
    "datalink:frame": "in 403 200 404 200 200 404 200 200 200 200 403 403",
    "datalink:download": "in 403 200 404 403 200 404 200 200 200 200 403 403",
    "datalink:senders": "in 403 403 403 403 403 403 403 403 403 200 403 403",
    "datalink:sender": "in 403 403 403 403 403 403 403 403 403 200 403 403",
    "portal:home": "in 200 302 302 302 302 302 302 302 302 302 302 302",
    "portal:stream": SIGNED_IN,
    "portal:state": SIGNED_IN,
    "portal:search": SIGNED_IN,
    "portal:mine": MINE_A,
    "notices:answer": "405 405 405 405 405 405 405 405 405 405 405 405 405",
    "notices:answer POST": SHUT,
}
