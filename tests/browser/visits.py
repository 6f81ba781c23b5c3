"""Who looks at which page, with which arguments, and in which states: the table of ``test_every_page.py``."""

# Who looks at what: by the name itself, by its namespace, or by how it begins.
VISITORS = {
    "patient:code": "waiting for a code",
    "patient:": "patient",
    "payments:": "patient",
    "doctor:": "1001",
    "clerk:": "2001",
    "operator:": "2501",
    "village:": "5001",
    "conduct:": "6001",
    "secretary:": "6001",
    "daily:call": "2001",
    "daily:refunds": "2001",
    "daily:retry_refund": "2001",
    "daily:": "9001",
    "admin:audit": "9003",
    "admin:": "9001",
    "kiosk:enrol": "9001",
    "kiosk:revoke": "9001",
    "kiosk:": "kiosk",
    "wall:": "nobody",
    "kit:": "nobody",
    "account_login": "nobody",
    "account_inactive": "nobody",
    "mfa_authenticate": "half signed in",
    "mfa_login_webauthn": "nobody",
    "mfa_edit_webauthn": "with a key",
    "mfa_remove_webauthn": "with a key",
    "account_": "9003",
    "mfa_": "9003",
    "staff_": "9003",
    "": "nobody",
}
# Arguments that differ from the scene's usual ones, for one address.
ARGUMENTS: dict[str, dict[str, str]] = {
    "patient:visit": {"encounter_id": "past_encounter_id"},
    "patient:pay_appointment": {"appointment_id": "held_id"},
    "patient:appeal": {"appointment_id": "missed_id"},
    "patient:change": {"appointment_id": "changed_id"},
    "patient:change_move": {"appointment_id": "changed_id"},
    "doctor:hits": {"kind": "search_kind"},
    "patient:book_expert": {"session_id": "visiting_id"},
    "kiosk:book_time": {"department_id": "clinic_department_id"},
    "operator:wait": {"department_id": "clinic_department_id"},
}
QUERIES = {
    "patient:book_check": "slot={slot}",
    "patient:move_check": "slot={slot}",
    "staff_home": "stay=1",
}
# Doors for programmes answer in JSON; the page that describes them is the framework's own.
PROGRAMMES = ("api:", "partner:")
# Addresses that send somewhere else when they are simply opened, and why that is right.
SENT_AWAY = {
    "staff_second_factor": "only for an account without a second factor",
    "mfa_activate_totp": "the account has an authenticator already",
    "mfa_reauthenticate_webauthn": "answers a script with JSON",
    "mfa_login_webauthn": "answers a script with JSON",
    "kit:language": "the switch in the header, which goes back to where it stood",
    "set_language": "the switch in the header, which goes back to where it stood",
    "admin:home": "goes on to the first page that the account may see",
}
# Acts of the doctor's room: opened by themselves (reload after a refusal) they show the page they belong to.
ACTS = {
    "doctor:visit": "addendum allergies ask_revoke choose_drug diagnosis drug find finish flag lab leave not_this_person primary"
    " remove_diagnosis save sign",
    "doctor:room": "call_again call_next pass_over place start",
}
# The same address in another state: what is shown, which address, who looks, other arguments, the query.
STATES: list[tuple[str, str, str, dict[str, str], str]] = [
    ("a stranger's first screen", "patient:home", "nobody", {}, ""),
    ("a held place", "patient:appointment", "patient", {"appointment_id": "held_id"}, ""),
    ("a place given back", "patient:appointment", "patient", {"appointment_id": "cancelled_id"}, ""),
    ("a missed visit", "patient:appointment", "patient", {"appointment_id": "missed_id"}, ""),
    ("a missed visit with an appeal", "patient:appointment", "patient", {"appointment_id": "appealed_id"}, ""),
    ("a stopped visit", "patient:appointment", "patient", {"appointment_id": "changed_id"}, ""),
    ("somebody who waits", "patient:appointment", "patient", {"appointment_id": "arrived_id"}, ""),
    ("no time chosen", "patient:book_time", "patient", {}, "missing=1"),
    ("nothing to pay", "patient:bill", "patient", {"person_id": "child_id"}, ""),
    ("a visit that is over", "doctor:visit", "1001", {"encounter_id": "past_encounter_id"}, ""),
    ("a fee to take at the window", "clerk:appointment", "2001", {"appointment_id": "owing_id"}, ""),
    ("a check-in at the window", "clerk:appointment", "2001", {"appointment_id": "paid_id"}, ""),
    ("a kiosk that asks for money", "kiosk:payer", "kiosk", {}, ""),
    ("a browser that is no kiosk", "kiosk:start", "nobody", {}, ""),
]
# What somebody did at the machine before the page can be seen: whose voucher was shown.
SHOWN_AT_KIOSK = {
    "kiosk:last_four": "",
    "kiosk:payer": "paid",
    "kiosk:choose": "paid",
    "kiosk:ticket": "arrived",
    "kiosk:slip": "arrived",
    "kiosk:book_department": "walker",
    "kiosk:book_time": "walker",
    "kiosk:book_check": "walker with a time",
    "kiosk:booked": "walker with a place",
    "kiosk:booked_slip": "walker with a place",
    "a kiosk that asks for money": "owing",
}
NOT_ALLOWED_HERE = {"a browser that is no kiosk": 403}
