"""What every role gets at every address: one literal row for each, in the order of ROLES.

`in` is the way to sign-in; a number is the status. An address that holds a thing of mine A answers 404 outside its scope.
A row is the name of an address, tried by GET; with " POST" it is posted to with the form of `tests.walk.world`.
"""

from __future__ import annotations

from tests.walk.responsibility import EXPECTED as RESPONSIBILITY

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
# Exchange: officials and the system administrator see platforms, officials work with what they see of mine A.
EXCHANGE = "in 403 403 403 403 200 200 200 200 200 200 403 403"
EXCHANGE_OF_A = "in 403 403 403 403 200 404 200 200 200 200 403 403"
EXCHANGE_DONE = "in 403 403 403 403 302 404 302 302 302 403 403 403"
TOKEN_ONLY = "401 401 401 401 401 401 401 401 401 401 401 401 401"
ENROLMENTS = "in 403 200 200 200 403 403 403 403 403 200 403 403"
# Announced work of mine A: what its own people alone may enter, and what is posted by whom it does not concern.
OWN_MINE = "in 403 200 200 403 403 403 403 403 403 403 403 403"
OWN_MINE_A = "in 403 200 404 403 403 403 403 403 403 403 403 403"
ONLY_POSTED = "in 405 405 405 405 405 405 405 405 405 405 405 405"
KEEPERS = "in 403 200 404 403 200 404 403 403 403 403 403 403"
KEEPERS_DONE = "in 403 302 404 403 302 404 403 403 403 403 403 403"
# What the security administrator alone may open, and do.
ACCOUNTS = "in 403 403 403 403 403 403 403 403 403 403 200 403"
ACCOUNTS_DONE = "in 403 403 403 403 403 403 403 403 403 403 302 403"
# What the system administrator alone may change in the register.
REGISTRAR = "in 403 403 403 403 403 403 403 403 403 200 403 403"
REGISTRAR_DONE = "in 403 403 403 403 403 403 403 403 403 302 403 403"

# Duty: what whoever works with mines sees, keeps and does; strangers to mine A get nothing of it.
DUTY = "in 403 200 200 200 200 200 200 200 200 403 403 403"
DUTY_OF_A = "in 403 200 404 200 200 404 200 200 200 403 403 403"
DUTY_KEPT = "in 403 200 200 200 200 200 200 200 403 403 403 403"
DUTY_DONE = "in 403 302 302 302 302 302 302 302 403 403 403 403"
DUTY_OWN = "in 403 200 404 403 403 404 403 403 403 403 403 403"
DUTY_OWN_DONE = "in 403 302 404 403 403 404 403 403 403 403 403 403"
# Suspicions: officials open the pages, whoever is not of the group (province and bureau are) finds nothing there.
SUSPICIONS = "in 403 403 403 403 200 200 200 200 200 403 403 403"
# Arrivals of inspectors: officials alone; what the county entered is changed by the county.
VISITS = "in 403 403 403 403 200 200 200 200 200 403 403 403"
VISIT_AT_A = "in 403 403 403 403 200 404 200 200 200 403 403 403"
VISIT_ENTERED = "in 403 403 403 403 302 422 302 302 302 403 403 403"
VISIT_CHANGED = "in 403 403 403 403 302 404 403 403 403 403 403 403"
# Programmes: the plan is every official's to read, an item or project of the county is the county's and of those above it,
# a submission the city's, drafts the office's; the office is the province's emergency department.
OF_COUNTY = VISIT_AT_A
BY_COUNTY = VISIT_CHANGED
BY_OFFICE = "in 403 403 403 403 403 403 403 302 403 403 403 403"
DRAFT_OF_OFFICE = "in 403 403 403 403 404 404 404 200 404 403 403 403"
BY_OFFICIALS = VISITS.replace("200", "302")
NOBODY = "in 403 403 403 403 403 403 403 403 403 403 403 403"
# Self-checks: inspectors and leaders order; the mine's people fill in; the direct supervisor's inspectors judge.
ORDERS = "in 403 403 403 403 200 200 200 403 200 403 403 403"
ORDERS_DONE = ORDERS.replace("200", "302")
FILLED = "in 403 302 404 403 403 404 403 403 403 403 403 403"
JUDGED = "in 403 403 403 403 302 404 403 403 403 403 403 403"
JUDGED_SEEN = JUDGED.replace("302", "200")
WEATHER_ENTRY = "in 403 403 403 403 200 200 200 200 403 403 403 403"
DRILLS = "in 403 403 403 403 200 200 200 200 403 403 403 403"
POSTED_ONLY = "in 405 405 405 405 405 405 405 405 405 405 405 405"
# Drafts of rules: officials alone; those of an office are its own and the province's.
DRAFTS = "in 403 403 403 403 200 200 200 200 200 403 403 403"
DRAFT_OF_COUNTY = "in 403 403 403 403 200 404 404 200 200 403 403 403"
DRAFT_DONE = DRAFT_OF_COUNTY.replace("200", "302")

# What only officials of the province may do.
PROVINCE_DONE = "in 403 403 403 403 403 403 403 302 302 403 403 403"


def unsigned(row: str) -> str:
    """The row of an interface: whoever is not signed in gets 401 instead of the way to sign-in."""
    return row.replace("in ", "401 ", 1)


INTERFACE = unsigned(SIGNED_IN)

EXPECTED: dict[str, str] = {
    **RESPONSIBILITY,
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
    "people:user_groups": ACCOUNTS,
    "people:user_groups POST": ACCOUNTS_DONE,
    "people:user_active": ACCOUNTS,
    "people:user_active POST": ACCOUNTS_DONE,
    "people:user_password": ACCOUNTS,
    "people:user_password POST": ACCOUNTS_DONE,
    "portal:inbox": SIGNED_IN,
    "portal:inbox_read": "in 405 405 405 405 405 405 405 405 405 405 405 405",
    "portal:inbox_read POST": "in 302 302 302 302 302 302 302 302 302 302 302 302",
    "suspicions:board": SUSPICIONS,
    "suspicions:makers": SUSPICIONS,
    "suspicions:suspicion": "in 403 403 403 403 404 404 404 200 200 403 403 403",
    "suspicions:case": "in 403 403 403 403 404 404 404 302 302 403 403 403",
    "suspicions:step": ONLY_POSTED,
    "suspicions:step POST": "in 403 403 403 403 404 404 404 403 302 403 403 403",
    "registry:mines": REGISTER,
    "registry:mine": MINE_A,
    "registry:history": MINE_A,
    "registry:export": REGISTER,
    "registry:imports": REGISTRAR,
    "registry:imports POST": REGISTRAR,
    "registry:import": REGISTRAR,
    "registry:import_report": REGISTRAR,
    "registry:import_decide": "in 405 405 405 405 405 405 405 405 405 405 405 405",
    "registry:import_decide POST": REGISTRAR_DONE,
    "registry:import_write": "in 405 405 405 405 405 405 405 405 405 405 405 405",
    "registry:import_write POST": REGISTRAR_DONE,
    "registry:import_discard": "in 405 405 405 405 405 405 405 405 405 405 405 405",
    "registry:import_discard POST": REGISTRAR_DONE,
    "registry:limits": REGISTER,
    "registry:limit_changes": REGISTER,
    "registry:supervisor": REGISTRAR,
    "registry:supervisor POST": REGISTRAR_DONE,
    "registry:place": REGISTRAR,
    "registry:place POST": REGISTRAR_DONE,
    "registry:contacts": REGISTRAR,
    "registry:contacts POST": REGISTRAR_DONE,
    "registry:organisations": REGISTER,
    "registry:organisation": MINE_A,
    "documents:drawings": ALERT_OF_A,
    "documents:drawing": ALERT_OF_A,
    # Handed in and withdrawn by the mine's own people and its direct supervisor, the county.
    "documents:drawing_new": KEEPERS,
    "documents:drawing_new POST": KEEPERS_DONE,
    "documents:version_new": KEEPERS,
    "documents:version_new POST": KEEPERS_DONE,
    "documents:version_withdraw": KEEPERS,
    "documents:version_withdraw POST": KEEPERS_DONE,
    # A restricted drawing: not for the parent company.
    "documents:download": "in 403 200 404 403 200 404 200 200 200 403 403 403",
    "deadlines:calendar": REGISTER,
    "case:deadlines": ALERTS,
    "case:deadlines_panel": ALERT_OF_A,
    "case:deadline": ALERT_OF_A,
    "case:deadline_step": ONLY_POSTED,
    "case:deadline_step POST": "in 403 302 404 403 302 404 302 302 302 403 403 403",
    "compliance:clauses": REGISTER,
    "compliance:clause": REGISTER,
    "compliance:texts": REGISTER,
    "compliance:editions": REGISTER,
    "compliance:edition": "in 403 404 404 404 404 404 404 404 404 404 404 404",
    "compliance:edition_new": ONLY_POSTED,
    "compliance:edition_new POST": REGISTRAR_DONE,
    "compliance:draft": REGISTRAR.replace("200", "404"),
    "compliance:draft_step": ONLY_POSTED,
    "compliance:draft_step POST": REGISTRAR.replace("200", "404"),
    "compliance:readings": REGISTER,
    "compliance:reading": REGISTER,
    "compliance:reading_propose": ONLY_POSTED,
    "compliance:reading_propose POST": PROVINCE_DONE,
    "compliance:baselines": REGISTER,
    "compliance:baseline": REGISTER,
    "compliance:baseline_propose": ONLY_POSTED,
    "compliance:baseline_propose POST": PROVINCE_DONE,
    "compliance:choice_step": ONLY_POSTED,
    "compliance:choice_step POST": "in 403 403 403 403 404 404 404 404 404 403 403 403",
    "compliance:board": ALERTS,
    "compliance:cells": ALERTS,
    "compliance:cases": ALERTS,
    "compliance:cell": ALERT_OF_A,
    "compliance:act": ONLY_POSTED,
    "compliance:act POST": "in 403 403 404 403 302 404 302 302 302 403 403 403",
    # A determination that nobody compared with its document yet is not the mine's to see; a leader compares it.
    "compliance:case": "in 403 404 404 404 302 404 302 302 302 403 403 403",
    # The file of an objection; what the walk names is no objection.
    "compliance:case_file": "in 403 404 404 404 404 404 404 404 404 403 403 403",
    "compliance:step": ONLY_POSTED,
    "compliance:step POST": "in 403 404 404 404 403 404 403 403 403 403 403 403",
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
    "alerts:batch_acknowledge": "in 405 405 405 405 405 405 405 405 405 405 405 405",
    "alerts:batch_acknowledge POST": ALERTS,
    "alerts:batch_shelve": "in 405 405 405 405 405 405 405 405 405 405 405 405",
    "alerts:batch_shelve POST": ALERTS,
    "alerts:export POST": ALERTS,
    "alerts:shelf": ALERTS,
    "alerts:shelve": "in 405 405 405 405 405 405 405 405 405 405 405 405",
    # Each level of the alert may shelve for itself; the bureau has none.
    "alerts:shelve POST": "in 403 302 404 302 302 404 302 302 403 403 403 403",
    # Shelved by the mine: others of its organisation may end that, others see it in their list and may not.
    "alerts:shelf_act": "in 405 405 405 405 405 405 405 405 405 405 405 405",
    "alerts:shelf_act POST": "in 403 302 404 403 403 404 403 403 403 403 403 403",
    "alerts:view_save": "in 405 405 405 405 405 405 405 405 405 405 405 405",
    "alerts:view_save POST": "in 403 302 302 302 302 302 302 302 302 403 403 403",
    "alerts:view_act": "in 405 405 405 405 405 405 405 405 405 405 405 405",
    "alerts:view_act POST": "in 403 302 404 404 404 404 404 404 404 403 403 403",
    "alerts:mark": "in 405 405 405 405 405 405 405 405 405 405 405 405",
    "alerts:mark POST": "in 403 302 302 302 302 302 302 302 302 403 403 403",
    "alerts:quality": ALERTS,
    "alerts:health": ALERTS,
    "alerts:health_print": ALERTS,
    "alerts:health_docx": ALERTS,
    "alerts:rechecks": "in 403 403 403 403 200 200 200 403 200 403 403 403",
    # A draw of the county.
    "alerts:recheck": "in 403 403 403 403 200 404 404 403 404 403 403 403",
    "alerts:recheck_act": "in 405 405 405 405 405 405 405 405 405 405 405 405",
    "alerts:recheck_act POST": "in 403 403 403 403 302 404 404 403 404 403 403 403",
    "datalink:link": LINK,
    "datalink:export": LINK,
    "datalink:frame": "in 403 200 404 200 200 404 200 200 200 200 403 403",
    "datalink:download": "in 403 200 404 403 200 404 200 200 200 200 403 403",
    "datalink:people_below": ALERTS,
    "datalink:underground": ALERT_OF_A,
    "datalink:underground_export": ALERT_OF_A,
    "datalink:exchange": EXCHANGE,
    "datalink:exchange_platform": EXCHANGE,
    "datalink:exchange_report": EXCHANGE,
    "datalink:exchange_export": EXCHANGE,
    "datalink:exchange_package": EXCHANGE_OF_A,
    "datalink:exchange_setup": REGISTRAR,
    "datalink:exchange_setup POST": REGISTRAR_DONE,
    # Nobody here leads the whole territory of the platform.
    "datalink:exchange_mode": "in 403 403 403 403 403 403 403 403 403 403 403 403",
    "datalink:exchange_mode POST": "in 403 403 403 403 403 403 403 403 403 403 403 403",
    "datalink:exchange_again": ONLY_POSTED,
    "datalink:exchange_again POST": EXCHANGE_DONE,
    "datalink:exchange_number": ONLY_POSTED,
    "datalink:exchange_number POST": EXCHANGE_DONE,
    "datalink:exchange_panel": ALERT_OF_A,
    # A session is no token.
    "datalink:exchange_out": TOKEN_ONLY,
    "datalink:exchange_in": TOKEN_ONLY,
    "datalink:exchange_in POST": TOKEN_ONLY,
    "datalink:senders": "in 403 403 403 403 403 403 403 403 403 200 403 403",
    "datalink:sender": "in 403 403 403 403 403 403 403 403 403 200 403 403",
    "datalink:enrolments": ENROLMENTS,
    "datalink:enrolment": "in 403 200 404 200 403 403 403 403 403 200 403 403",
    "datalink:enrolment POST": "in 403 403 404 403 403 403 403 403 403 302 403 403",
    "datalink:check": ENROLMENTS,
    "datalink:example": ENROLMENTS,
    **{
        f"campaign:{name}": VISITS
        for name in (
            *("overview", "wall", "tasks", "task", "milestones", "milestone", "items", "item_new", "targets", "target"),
            *(
                "organisation",
                "post_new",
                "meeting_new",
                "meeting",
                "projects",
                "project_new",
                "submissions",
                "reports",
            ),
            "handover",
        )
    },
    **{
        f"campaign:{name}": ONLY_POSTED
        for name in (
            *("load", "milestone_step", "item_step", "dispute_answer", "target_step", "post_end", "meeting_step"),
            *("submission_step", "report_step"),
        )
    },
    "campaign:item": OF_COUNTY,
    "campaign:project": OF_COUNTY,
    "campaign:submission": "in 403 403 403 403 404 404 200 200 200 403 403 403",
    "campaign:report": DRAFT_OF_OFFICE,
    "campaign:report_docx": DRAFT_OF_OFFICE,
    "campaign:template": BY_OFFICE.replace("302", "200"),
    "campaign:load POST": NOBODY,
    "campaign:handover POST": NOBODY,
    "campaign:milestone_step POST": BY_OFFICE,
    "campaign:item_step POST": BY_COUNTY,
    "campaign:item_new POST": "in 403 403 403 403 302 422 302 302 422 403 403 403",
    "campaign:dispute_answer POST": "in 403 403 403 403 403 404 302 302 403 403 403 403",
    "campaign:target_step POST": BY_OFFICIALS,
    "campaign:post_new POST": "in 403 403 403 403 302 422 422 302 422 403 403 403",
    "campaign:post_end POST": BY_OFFICE,
    "campaign:meeting_new POST": BY_OFFICIALS,
    "campaign:meeting_step POST": BY_OFFICE,
    "campaign:project_new POST": "in 403 403 403 403 302 422 403 302 422 403 403 403",
    "campaign:project POST": "in 403 403 403 403 302 404 403 302 403 403 403 403",
    "campaign:submission_step POST": "in 403 403 403 403 404 404 302 302 403 403 403 403",
    "campaign:report_step POST": DRAFT_OF_OFFICE.replace("200", "302"),
    "enforcement:visits": VISITS,
    "enforcement:visit_new": VISITS,
    "enforcement:visit_new POST": VISIT_ENTERED,
    "enforcement:visit": VISIT_AT_A,
    "enforcement:visit_step": ONLY_POSTED,
    "enforcement:visit_step POST": VISIT_CHANGED,
    # Self-checks of mine A: its own people fill in, the county, its direct supervisor, judges and ordered the rounds.
    "selfcheck:rounds": ALERTS,
    "selfcheck:round_new": ORDERS,
    "selfcheck:round_new POST": ORDERS_DONE,
    "selfcheck:round": ALERT_OF_A,
    "selfcheck:begin": ONLY_POSTED,
    "selfcheck:begin POST": JUDGED,
    "selfcheck:round_step": ONLY_POSTED,
    "selfcheck:round_step POST": JUDGED,
    "selfcheck:sheets": ALERTS,
    "selfcheck:sheet": ALERT_OF_A,
    "selfcheck:fill": FILLED.replace("302", "200"),
    "selfcheck:fill POST": FILLED,
    "selfcheck:print": ALERT_OF_A,
    "selfcheck:docx": ALERT_OF_A,
    "selfcheck:compare": ONLY_POSTED,
    "selfcheck:compare POST": JUDGED,
    "selfcheck:stage": ONLY_POSTED,
    "selfcheck:stage POST": JUDGED,
    "selfcheck:item": ONLY_POSTED,
    "selfcheck:item POST": FILLED.replace("302", "200"),
    "selfcheck:history": ALERT_OF_A,
    "selfcheck:problem_new": ONLY_POSTED,
    "selfcheck:problem_new POST": FILLED,
    "selfcheck:problem_step": ONLY_POSTED,
    "selfcheck:problem_step POST": FILLED,
    "selfcheck:step": ONLY_POSTED,
    "selfcheck:step POST": "in 403 403 404 403 302 404 403 403 403 403 403 403",
    "selfcheck:evidence": ALERT_OF_A,
    "selfcheck:evidence_withdraw": ONLY_POSTED,
    "selfcheck:evidence_withdraw POST": FILLED,
    "selfcheck:differences": ALERTS,
    "selfcheck:difference_step": ONLY_POSTED,
    "selfcheck:difference_step POST": JUDGED,
    "selfcheck:proposals": ORDERS,
    # A leader decides, and none is in this table.
    "selfcheck:proposal_decide": ONLY_POSTED,
    "selfcheck:proposal_decide POST": "in 403 403 403 403 403 403 403 403 403 403 403 403",
    "selfcheck:texts": ALERTS,
    "selfcheck:text_new": ORDERS,
    "selfcheck:text_new POST": ORDERS_DONE,
    "selfcheck:text_withdraw": ONLY_POSTED,
    "selfcheck:text_withdraw POST": "in 403 403 403 403 302 403 403 403 403 403 403 403",
    "selfcheck:lists": ALERTS,
    "selfcheck:list_new": ORDERS,
    "selfcheck:list_new POST": ORDERS_DONE,
    "selfcheck:list": ALERT_OF_A,
    "selfcheck:read": ONLY_POSTED,
    "selfcheck:read POST": FILLED,
    "selfcheck:test": ONLY_POSTED,
    "selfcheck:test POST": FILLED,
    "selfcheck:group": ONLY_POSTED,
    "selfcheck:group POST": "in 403 302 404 403 403 403 403 403 403 403 403 403",
    "selfcheck:list_end": ONLY_POSTED,
    "selfcheck:list_end POST": JUDGED,
    "selfcheck:publicity": VISITS,
    "selfcheck:publicity_open": VISITS,
    "selfcheck:publicity_new": JUDGED_SEEN,
    "selfcheck:publicity_new POST": JUDGED_SEEN.replace("200", "302"),
    "selfcheck:publicity_void": ONLY_POSTED,
    "selfcheck:publicity_void POST": JUDGED,
    "operations:today": ALERTS,
    "operations:announcements": ALERTS,
    "operations:new": OWN_MINE,
    "operations:announcement": ALERT_OF_A,
    "operations:amend": OWN_MINE_A,
    "operations:step": ONLY_POSTED,
    # Knowing of it is the direct supervisor's; the mine's own people and those above it may not say it in its place.
    "operations:step POST": "in 403 403 404 403 302 404 403 403 403 403 403 403",
    "operations:checks": ALERTS,
    "operations:check": ALERT_OF_A,
    "operations:check_step": ONLY_POSTED,
    "operations:check_step POST": "in 403 302 404 403 403 404 403 403 403 403 403 403",
    "operations:caretakers": ALERTS,
    "operations:caretaker_new": OWN_MINE,
    "operations:caretaker": ALERT_OF_A,
    "operations:caretaker_step": ONLY_POSTED,
    "operations:caretaker_step POST": "in 403 403 404 403 302 404 403 403 403 403 403 403",
    "operations:systems": ALERTS,
    "operations:board": ALERT_OF_A,
    "operations:report": OWN_MINE_A,
    "operations:report POST": "in 403 302 404 403 403 403 403 403 403 403 403 403",
    "operations:fault": ALERT_OF_A,
    "operations:fault_step": ONLY_POSTED,
    "operations:fault_step POST": "in 403 302 404 403 403 404 403 403 403 403 403 403",
    "portal:home": "in 200 302 302 302 302 302 302 302 302 302 302 302",
    "portal:stream": SIGNED_IN,
    "portal:state": SIGNED_IN,
    "portal:search": SIGNED_IN,
    "portal:cockpit": ALERTS,
    "portal:people": ALERTS,
    "portal:mine_people": ALERT_OF_A,
    "portal:video": REGISTER,
    "portal:mine_video": MINE_A,
    "portal:board_air": REGISTER,
    "portal:board_water": REGISTER,
    "portal:board_fire": REGISTER,
    "portal:board_pressure": REGISTER,
    "portal:board_slope": REGISTER,
    "portal:board_tailings": REGISTER,
    "portal:board_lines": REGISTER,
    "registry:cameras": "in 403 403 403 403 403 403 403 403 403 200 403 403",
    "registry:cameras_export": MINE_A,
    "portal:mine": MINE_A,
    "portal:curves": MINE_A,
    "portal:curve_data": MINE_A,
    "portal:curve_export": MINE_A,
    "rulebook:rules": REGISTER,
    "rulebook:drafts": DRAFTS,
    "rulebook:draft_new": DRAFTS,
    "rulebook:draft": DRAFT_OF_COUNTY,
    "rulebook:draft_edit": "in 403 403 403 403 200 404 404 404 404 403 403 403",
    "rulebook:draft_step": ONLY_POSTED,
    "rulebook:draft_step POST": DRAFT_DONE,
    "rulebook:trial": DRAFT_OF_COUNTY,
    "rulebook:trial_state": DRAFT_OF_COUNTY,
    "rulebook:trial_cancel": ONLY_POSTED,
    "rulebook:trial_cancel POST": DRAFT_DONE,
    "rulebook:shadow": DRAFT_OF_COUNTY,
    "rulebook:shadow_stop": ONLY_POSTED,
    "rulebook:shadow_stop POST": DRAFT_DONE,
    # Whoever sees rules sees their versions; a leader of the province who did not propose decides, and none is in this table.
    "rulebook:versions": REGISTER,
    "rulebook:version": REGISTER,
    "rulebook:version_step": ONLY_POSTED,
    "rulebook:version_step POST": "in 403 403 403 403 403 403 403 403 403 403 403 403",
    "rulebook:overrides": REGISTER,
    "rulebook:override": MINE_A,
    "rulebook:override_new": "in 403 403 403 403 200 200 200 403 200 403 403 403",
    "rulebook:override_step": ONLY_POSTED,
    "rulebook:override_step POST": "in 403 403 404 403 403 404 403 403 403 403 403 403",
    # One's own organisation and those below it are seen, only one's own is changed; inspectors stand on no roster.
    "duty:today": DUTY,
    "duty:rosters": DUTY,
    "duty:roster": DUTY_OF_A,
    "duty:roster_import": DUTY_KEPT,
    "duty:roster_import POST": DUTY_KEPT,
    "duty:shift_new": DUTY_KEPT,
    "duty:shift_new POST": DUTY_DONE,
    "duty:shift_edit": DUTY_OWN,
    "duty:shift_edit POST": DUTY_OWN_DONE,
    "duty:shift_withdraw": DUTY_OWN,
    "duty:shift_withdraw POST": DUTY_OWN_DONE,
    "duty:contacts": DUTY,
    "duty:contact_new": DUTY_KEPT,
    "duty:contact_new POST": DUTY_DONE,
    "duty:contact_edit": DUTY_OWN,
    "duty:contact_edit POST": DUTY_OWN_DONE,
    "duty:contact_end": DUTY_OWN,
    "duty:contact_end POST": DUTY_OWN_DONE,
    "duty:panel": DUTY_OF_A,
    "duty:callouts": DUTY,
    "duty:callout_new": DUTY_KEPT,
    "duty:callout_new POST": "in 403 302 200 302 302 200 302 302 403 403 403 403",
    "duty:callout": DUTY_OF_A,
    "duty:callout_call": POSTED_ONLY,
    "duty:callout_call POST": DUTY_OWN_DONE,
    "duty:callout_step": POSTED_ONLY,
    "duty:callout_step POST": DUTY_OWN_DONE,
    "duty:call_mark": POSTED_ONLY,
    "duty:call_mark POST": DUTY_OWN_DONE,
    "duty:handovers": DUTY,
    "duty:handover_new": POSTED_ONLY,
    "duty:handover_new POST": DUTY_DONE,
    "duty:handover": DUTY_OF_A,
    "duty:handover_sheet": DUTY_OF_A,
    "duty:handover_step": POSTED_ONLY,
    "duty:handover_step POST": DUTY_OWN_DONE,
    "duty:instructions": DUTY,
    "duty:instruction_new": DUTY_KEPT,
    "duty:instruction_new POST": DUTY_DONE,
    "duty:instruction_done": "in 403 200 404 200 200 404 200 200 403 403 403 403",
    "duty:instruction_done POST": "in 403 302 404 200 200 404 200 200 403 403 403 403",
    "duty:bulletins": DUTY,
    "duty:bulletin_new": DUTY_KEPT,
    "duty:bulletin_new POST": DUTY_DONE,
    "duty:bulletin": DUTY_OF_A,
    "duty:bulletin_docx": DUTY_OF_A,
    "duty:bulletin_figure": DUTY_OF_A,
    "duty:drills": DUTY,
    "duty:drill_new": DRILLS,
    "duty:drill_new POST": "in 403 403 403 403 302 200 302 302 403 403 403 403",
    "duty:drill": DUTY_OF_A,
    # Weather: seen by whoever sees a mine or a region of it; entered by officers and leaders on their own ground, ended by
    # those who entered it; ordered, begun and checked each by the own side. Machines bring a token.
    "duty:weather": DUTY,
    "duty:weather_new": WEATHER_ENTRY,
    "duty:weather_new POST": "in 403 403 403 403 302 200 302 302 403 403 403 403",
    "duty:weather_upload": POSTED_ONLY,
    "duty:weather_upload POST": "in 403 403 403 403 422 422 422 422 403 403 403 403",
    "duty:weather_offers": WEATHER_ENTRY,
    "duty:weather_offer": WEATHER_ENTRY,
    "duty:weather_post": "405 405 405 405 405 405 405 405 405 405 405 405 405",
    "duty:weather_post POST": "401 401 401 401 401 401 401 401 401 401 401 401 401",
    "duty:weather_warning": DUTY_OF_A,
    "duty:weather_cancel": POSTED_ONLY,
    "duty:weather_cancel POST": "in 403 403 403 403 302 404 403 403 403 403 403 403",
    "duty:weather_call": POSTED_ONLY,
    "duty:weather_call POST": "in 403 403 403 302 302 404 302 302 403 403 403 403",
    "duty:weather_join": POSTED_ONLY,
    "duty:weather_join POST": "in 403 403 403 403 302 404 302 302 403 403 403 403",
    "duty:weather_draw": POSTED_ONLY,
    "duty:weather_draw POST": "in 403 403 403 403 302 404 302 302 302 403 403 403",
    "duty:weather_check": POSTED_ONLY,
    "duty:weather_check POST": "in 403 403 403 403 302 404 403 403 403 403 403 403",
    "duty:weather_case": DUTY_OF_A,
    "duty:weather_order": DUTY_OF_A,
    "duty:weather_step": POSTED_ONLY,
    "duty:weather_step POST": "in 403 302 404 403 403 404 403 403 403 403 403 403",
    "api:list_on_duty": unsigned(DUTY),
    "notices:answer": "405 405 405 405 405 405 405 405 405 405 405 405 405",
    "notices:answer POST": SHUT,
}
