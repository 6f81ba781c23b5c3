"""Facts about a running installation, asked through its own doors: ``python -m tests.browser.inside FUNCTION ARGUMENTS``.

A process of its own, because a browser test's thread runs Playwright's loop, and Django's connections belong to another database there.
"""

import json
import sys
from typing import Any
from uuid import UUID

import django

django.setup(set_prefix=False)

from jiuyi.domains.billing import queries as billing  # noqa: E402  # Django first
from jiuyi.domains.scheduling import queries as schedule  # noqa: E402


def books() -> dict[str, Any]:
    """Whether money and places add up."""
    return {
        "ledger": sum(billing.ledger_balance().values()),
        "ledger_difference": billing.count_ledger_difference(),
        "place_difference": schedule.count_place_difference(),
    }


def appointment(appointment_id: str) -> dict[str, Any]:
    """State and bill of one booking."""
    facts = schedule.facts_appointment(UUID(appointment_id))
    charges = billing.facts_charges(source_kind="appointment", source_ids=[facts.appointment_id])
    return {
        "status": facts.status.value,
        "person_id": str(facts.person_id),
        "charges": [{"status": charge.status.value, "amount_fen": charge.amount_fen} for charge in charges],
    }


if __name__ == "__main__":
    print(json.dumps(globals()[sys.argv[1]](*json.loads(sys.argv[2])), ensure_ascii=False))
