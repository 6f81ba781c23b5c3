"""Checking a signature: recompute what was signed from the stored row and compare."""

import hashlib
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from jiuyi.domains.encounters import rules
from jiuyi.domains.encounters.models import ClinicalNote
from jiuyi.domains.encounters.words import NoteStatus
from jiuyi.kernel.refusals import NotFound


@dataclass(frozen=True, slots=True)
class NoteCheck:
    """Whether a signed note is what its author signed; ``problem`` is ``unsigned``, ``content`` or ``signature``."""

    note_id: UUID
    intact: bool
    problem: str
    author_id: UUID
    signed_at: datetime | None


def verify_note(note_id: UUID) -> NoteCheck:
    """Check hash and Ed25519 signature of a stored note against its author's public key. One changed byte is found."""
    note = ClinicalNote.objects.select_related("encounter", "signing_key", "author").filter(id=note_id).first()
    if note is None:
        raise NotFound
    problem = _problem(note)
    return NoteCheck(note_id=note.id, intact=not problem, problem=problem, author_id=note.author_id, signed_at=note.signed_at)


def _problem(note: ClinicalNote) -> str:
    if note.status != NoteStatus.SIGNED or note.signing_key is None or note.signed_at is None or note.signature is None:
        return "unsigned"
    content = rules.signed_bytes(
        rules.NoteContent(
            note_id=note.id,
            encounter_id=note.encounter_id,
            person_id=note.encounter.person_id,
            author_id=note.author_id,
            addendum_to=note.addendum_to_id,
            sections={name: getattr(note, name) for name in rules.NOTE_SECTIONS},
            diagnoses=note.diagnoses,
            signed_at=note.signed_at,
        )
    )
    if hashlib.sha256(content).digest() != bytes(note.content_sha256 or b""):
        return "content"
    if note.signing_key.user_id != note.author.user_id:
        return "signature"
    try:
        Ed25519PublicKey.from_public_bytes(bytes(note.signing_key.public_key)).verify(bytes(note.signature), content)
    except InvalidSignature:
        return "signature"
    return ""
