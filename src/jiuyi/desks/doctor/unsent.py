"""What was typed on the visit's page and belongs to no record yet, kept in the doctor's session for this one visit."""

from typing import Final
from uuid import UUID

from django.http import HttpRequest

UNSENT_KEY: Final = "doctor_unsent"
SEARCHES: Final = ("dx", "labs", "drugs")
ALLERGY_FIELDS: Final = ("status", "substance", "reaction")
DRUG_FIELDS: Final = ("code", "dose", "route", "frequency", "days", "quantity", "override_reason", "long_reason")
CARRIED: Final = (*SEARCHES, "search", *ALLERGY_FIELDS, *DRUG_FIELDS, "detail", "addendum")


def remember(request: HttpRequest, encounter_id: UUID, fields: dict[str, str]) -> None:
    """Keep these fields for the next showing of this visit, in place of what was kept before."""
    request.session[UNSENT_KEY] = {"visit": str(encounter_id), "fields": {name: text for name, text in fields.items() if text}}


def recalled(request: HttpRequest, encounter_id: UUID) -> dict[str, str]:
    """What was typed for this visit: what came with this very form, else what was kept."""
    if request.method == "POST":
        return {name: request.POST[name] for name in CARRIED if request.POST.get(name)}
    kept = request.session.get(UNSENT_KEY) or {}
    return dict(kept.get("fields", {})) if kept.get("visit") == str(encounter_id) else {}
