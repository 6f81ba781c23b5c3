"""The simulated payment channel's own book, kept as an outside company keeps it: not in the hospital's database.

One small file for each fact, written whole or not at all, so that it survives whatever happens to the hospital, and a
rolled-back transaction takes nothing of it back::

    simulated-payments/taken/<payment id>/<reference>.json    money taken
    simulated-payments/back/<payment id>/<refund id>.json     money given back
    simulated-payments/to-tell/<reference>.json               a call-back that is not sent yet

The call-back is put down before the taking: killed between the two, the channel finishes the taking when it comes to tell.
The other way round, money could be taken that nobody is ever told of.
"""

import json
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any
from uuid import UUID

from jiuyi.foundation import files
from jiuyi.kernel.ids import new_token

_BOOK = "simulated-payments"


@dataclass(frozen=True, slots=True)
class Transfer:
    """Money the channel has taken for a payment."""

    reference: str
    payment_id: UUID
    amount_fen: int


def take(payment_id: UUID, amount_fen: int, *, now: datetime, tell_at: datetime | None) -> Transfer:
    """Take the money. ``tell_at`` None: the call-back gets lost, and only somebody who asks will know."""
    transfer = Transfer(f"SIM{now:%Y%m%d}{new_token(16)}", payment_id, amount_fen)
    fact = _fact(transfer, known_at=tell_at or now)
    if tell_at is not None:
        _write(f"to-tell/{transfer.reference}", fact)
    _write(f"taken/{payment_id}/{transfer.reference}", fact)
    return transfer


def taken(payment_id: UUID, *, now: datetime) -> list[Transfer]:
    """What was taken for a payment and is known by now; a transfer that the bank delays is not known before its time."""
    return _transfers(f"taken/{payment_id}", now)


def give_back(refund_id: UUID, payment_id: UUID, amount_fen: int) -> str:
    """Give money back, once for each refund id; asked again, the answer is the same."""
    _write(f"back/{payment_id}/{refund_id}", {"amount_fen": amount_fen})
    return f"SIMR{refund_id.hex}"


def given_back(payment_id: UUID) -> int:
    """Fen given back for a payment."""
    return sum(fact["amount_fen"] for fact in _facts(f"back/{payment_id}"))


def to_tell(*, now: datetime) -> list[Transfer]:
    """Transfers whose call-back is due; a taking that was cut short is finished first."""
    due = _transfers("to-tell", now)
    for transfer in due:
        if not (_folder(f"taken/{transfer.payment_id}") / f"{transfer.reference}.json").exists():
            _write(f"taken/{transfer.payment_id}/{transfer.reference}", _fact(transfer, known_at=now))
    return due


def told(reference: str) -> None:
    """The hospital has answered the call-back."""
    (_folder("to-tell") / f"{reference}.json").unlink(missing_ok=True)


def _fact(transfer: Transfer, *, known_at: datetime) -> dict[str, Any]:
    return {
        "reference": transfer.reference,
        "payment_id": str(transfer.payment_id),
        "amount_fen": transfer.amount_fen,
        "known_at": known_at.isoformat(),
    }


def _transfers(folder: str, now: datetime) -> list[Transfer]:
    known = [fact for fact in _facts(folder) if datetime.fromisoformat(fact["known_at"]) <= now]
    known.sort(key=lambda fact: (fact["known_at"], fact["reference"]))
    return [Transfer(fact["reference"], UUID(fact["payment_id"]), fact["amount_fen"]) for fact in known]


def _facts(folder: str) -> list[dict[str, Any]]:
    facts = []
    for path in _folder(folder).glob("[!.]*.json"):
        try:
            facts.append(json.loads(path.read_bytes()))
        except FileNotFoundError:  # told by another process in this very moment
            continue
    return facts


def _folder(name: str) -> Path:
    return files.data_directory() / _BOOK / name


def _write(name: str, fact: dict[str, Any]) -> None:
    files.write(f"{_BOOK}/{name}.json", json.dumps(fact).encode())
