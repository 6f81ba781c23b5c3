"""Who may sign in to the demo: printed by ``jiuyi up``, and public on purpose."""

import time
from dataclasses import dataclass

from jiuyi.domains.organizations.words import StaffRole
from jiuyi.scenarios.county.accounts import ACCOUNTS, password, totp_secret
from jiuyi.scenarios.county.numbers import named_phone

_ROLES_IN_ENGLISH = {
    StaffRole.CLERK: "Registration clerk",
    StaffRole.OPERATOR: "Telephone operator",
    StaffRole.DOCTOR: "Doctor",
    StaffRole.NURSE: "Nurse",
    StaffRole.TECHNICIAN: "Technician",
    StaffRole.PHARMACIST: "Pharmacist",
    StaffRole.VILLAGE_DOCTOR: "Village doctor",
    StaffRole.SECRETARY: "Rota secretary",
    StaffRole.RECORDS: "Medical records",
    StaffRole.ADMIN: "System administrator",
    StaffRole.SECURITY: "Security officer",
    StaffRole.AUDITOR: "Auditor",
}
TOTP_SECONDS = 30


@dataclass(frozen=True, slots=True)
class Login:
    """One way in. A patient's password is empty: the code comes as a text message, readable on the outbox page."""

    role_zh: str
    role_en: str
    username: str
    password: str
    totp_secret: str
    totp_now: str
    name: str = ""


def logins(*, at: float | None = None) -> list[Login]:
    """One log-in per role, a second doctor, and the phone of a patient; the six digits are those of the moment ``at`` (POSIX seconds)."""
    moment = time.time() if at is None else at
    rows = [
        Login(
            role_zh=role.label,
            role_en=_ROLES_IN_ENGLISH[role],
            username=username,
            password=password(role),
            totp_secret=totp_secret(username),
            totp_now=totp(totp_secret(username), moment),
            name=name,
        )
        for username, role, _, name in ACCOUNTS
    ]
    patient = Login(role_zh="患者（手机）", role_en="Patient (phone)", username=named_phone(1), password="", totp_secret="", totp_now="")
    return [patient, *rows]


def totp(secret: str, moment: float) -> str:
    """The six digits of an authenticator app at a moment."""
    from allauth.mfa.totp.internal.auth import format_hotp_value, hotp_value  # noqa: PLC0415  # needs the applications

    return format_hotp_value(hotp_value(secret, int(moment) // TOTP_SECONDS))
