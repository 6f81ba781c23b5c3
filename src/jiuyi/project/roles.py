"""Which role may do what. A role is held at a node of the organisation tree and counts there and below it.

Administrator, security officer and auditor are three people (三员分立): none of them opens a patient's record,
and the one who gives out roles is not the one who reads what was done with them.
"""

from jiuyi.domains.billing import words as billing
from jiuyi.domains.encounters import words as encounters
from jiuyi.domains.identity import words as identity
from jiuyi.domains.organizations import words as organizations
from jiuyi.domains.organizations.words import StaffRole
from jiuyi.domains.queueing import words as queueing
from jiuyi.domains.scheduling import words as scheduling
from jiuyi.foundation import access, enrolled_devices, notices

_RECEPTION = frozenset(
    {
        identity.PERSON_SEARCH,
        identity.PERSON_REGISTER,
        identity.PERSON_VERIFY,
        scheduling.APPOINTMENT_BOOK,
        scheduling.APPOINTMENT_OPEN,
        scheduling.APPOINTMENT_DAY_LIST,
        scheduling.CHANGE_CALL,
        queueing.CHECK_IN,
        encounters.ENCOUNTER_REGISTER,
    }
)
_TREATMENT = frozenset(
    {
        identity.PERSON_SEARCH,
        identity.PERSON_OPEN,
        scheduling.APPOINTMENT_BOOK,
        scheduling.APPOINTMENT_OPEN,
        queueing.CALL,
        encounters.ENCOUNTER_OPEN,
        encounters.ENCOUNTER_CONDUCT,
        billing.PAYMENT_OPEN,
    }
)
_READING = frozenset({identity.PERSON_SEARCH, identity.PERSON_OPEN, encounters.ENCOUNTER_OPEN})

ROLES: dict[str, frozenset[str]] = {
    StaffRole.CLERK: _RECEPTION | {billing.PAYMENT_TAKE, billing.PAYMENT_REFUND, enrolled_devices.ENROL_DEVICES},
    StaffRole.DOCTOR: _TREATMENT,
    StaffRole.VILLAGE_DOCTOR: _TREATMENT | _RECEPTION | {billing.PAYMENT_TAKE, scheduling.TRIP_PLAN},
    # On the telephone nobody shows a paper: an operator enters and books, but verifies nobody and takes no money.
    StaffRole.OPERATOR: frozenset(
        {
            identity.PERSON_SEARCH,
            identity.PERSON_REGISTER,
            scheduling.APPOINTMENT_BOOK,
            scheduling.CHANGE_CALL,
            scheduling.APPOINTMENT_OPEN,
            scheduling.PHONE_DESK,
        }
    ),
    StaffRole.NURSE: _READING | {scheduling.APPOINTMENT_OPEN, scheduling.APPOINTMENT_DAY_LIST, queueing.CHECK_IN, queueing.CALL},
    StaffRole.TECHNICIAN: _READING | {queueing.CALL},
    StaffRole.PHARMACIST: _READING,
    StaffRole.RECORDS: _READING,
    StaffRole.SECRETARY: frozenset(
        {
            scheduling.SESSION_PUBLISH,
            scheduling.APPOINTMENT_OPEN,
            scheduling.APPOINTMENT_DAY_LIST,
            # Not the window that booked, nor the doctor who waited: neither judges its own case.
            scheduling.APPEAL_DECIDE,
            scheduling.REVIEW_DECIDE,
            queueing.QUEUE_MANAGE,
        }
    ),
    StaffRole.ADMIN: frozenset(
        {
            organizations.ORGANIZATION_MANAGE,
            organizations.PRACTITIONER_MANAGE,
            scheduling.SESSION_PUBLISH,
            queueing.QUEUE_MANAGE,
            access.CHANGE_RULES,
            access.CREATE_STAFF,
            enrolled_devices.ENROL_DEVICES,
            notices.READ_OUTBOX,
        }
    ),
    StaffRole.SECURITY: frozenset({access.ASSIGN_ROLES}),
    StaffRole.AUDITOR: frozenset({access.READ_AUDIT}),
    # Machines, not people: a kiosk checks in whoever shows a voucher or a card, sells today's places, and opens nothing else.
    enrolled_devices.KIOSK: frozenset(
        {queueing.CHECK_IN, encounters.ENCOUNTER_REGISTER, scheduling.APPOINTMENT_OPEN, scheduling.APPOINTMENT_BOOK}
    ),
    # A partner's platform enters people and books; it may open only what it booked itself, which needs no permission.
    enrolled_devices.PARTNER: frozenset({identity.PERSON_REGISTER, scheduling.APPOINTMENT_BOOK}),
}
