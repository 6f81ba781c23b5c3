"""Writes of the visit, a file for each concern."""

from jiuyi.domains.encounters.actions.codes import load_reference_codes
from jiuyi.domains.encounters.actions.notes import add_addendum, save_note, sign_note
from jiuyi.domains.encounters.actions.orders import (
    Released,
    Revoked,
    complete_order,
    order_lab,
    order_medication,
    release_orders,
    revoke_order,
)
from jiuyi.domains.encounters.actions.safety import record_allergy_status, record_flag, refute_allergy
from jiuyi.domains.encounters.actions.visits import (
    add_diagnosis,
    cancel_encounter,
    finish_encounter,
    register_encounter,
    remove_diagnosis,
    start_encounter,
    undo_start,
)
from jiuyi.domains.encounters.words import Allergy

__all__ = [
    "Allergy",
    "Released",
    "Revoked",
    "add_addendum",
    "add_diagnosis",
    "cancel_encounter",
    "complete_order",
    "finish_encounter",
    "load_reference_codes",
    "order_lab",
    "order_medication",
    "record_allergy_status",
    "record_flag",
    "refute_allergy",
    "register_encounter",
    "release_orders",
    "remove_diagnosis",
    "revoke_order",
    "save_note",
    "sign_note",
    "start_encounter",
    "undo_start",
]
