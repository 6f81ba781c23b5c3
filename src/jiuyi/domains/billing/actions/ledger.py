"""Booking into the ledger: the only place that writes it."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from jiuyi.domains.billing import models
from jiuyi.domains.billing.rules import Posting, is_balanced
from jiuyi.domains.billing.words import LedgerKind


def book(*, kind: LedgerKind, reference_id: UUID, organization_id: UUID, postings: Sequence[Posting], now: datetime) -> None:
    """Book one step once. Sides of 0 fen are left out; a step without sides is not booked (a waived charge).

    The database refuses an unbalanced transaction at commit (trigger) and a second booking of the same step (UNIQUE).
    """
    sides = [posting for posting in postings if posting.amount_fen]
    if not sides:
        return
    if not is_balanced(sides):
        message = "a ledger transaction sums to zero"
        raise ValueError(message)
    step = models.LedgerTransaction.objects.create(kind=kind, reference_id=reference_id, organization_id=organization_id, booked_at=now)
    models.LedgerEntry.objects.bulk_create(
        models.LedgerEntry(transaction=step, account_code=side.account_code, amount_fen=side.amount_fen) for side in sides
    )
