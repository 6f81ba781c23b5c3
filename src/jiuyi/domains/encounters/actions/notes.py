"""Writing and signing: a draft may change, a signed note never does."""

import hashlib
from datetime import datetime
from uuid import UUID

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from django.db import transaction

from jiuyi.domains.encounters import events, rules
from jiuyi.domains.encounters.actions.conducting import conducting, doctor_of, locked
from jiuyi.domains.encounters.models import ClinicalNote, Condition, Encounter, SigningKey
from jiuyi.domains.encounters.words import (
    ENCOUNTER_CONDUCT,
    AlreadySigned,
    EncounterStatus,
    NoteEmpty,
    NoteStatus,
    NotSignedYet,
    NotYourEncounter,
)
from jiuyi.foundation import access, journal, vault
from jiuyi.foundation.access import Actor
from jiuyi.kernel.refusals import NotFound
from jiuyi.kernel.text import gettext_noop

SIGNING_KEY = "encounters.signing_key"
ADDENDUM_EMPTY = gettext_noop("请填写补充内容。")


@transaction.atomic
def save_note(
    *, actor: Actor, now: datetime, encounter_id: UUID, complaint: str = "", history: str = "", exam: str = "", plan: str = ""
) -> UUID:
    """Keep the draft of the visit's note. Refuses ``encounters.already_signed``."""
    encounter, doctor = conducting(actor, encounter_id)
    note = ClinicalNote.objects.filter(encounter=encounter, addendum_to=None).exclude(status=NoteStatus.VOID).first()
    if note is None:
        note = ClinicalNote(encounter=encounter, author_id=doctor)
    elif note.status == NoteStatus.SIGNED:
        raise AlreadySigned
    note.complaint, note.history, note.exam, note.plan = complaint.strip(), history.strip(), exam.strip(), plan.strip()
    note.written_at = now
    note.save()
    return note.id


@transaction.atomic
def sign_note(*, actor: Actor, now: datetime, note_id: UUID) -> None:
    """Sign the draft together with the diagnoses of this moment; afterwards the database refuses any change.

    Refuses ``encounters.already_signed`` and, with the fields, ``encounters.note_empty``. Only the author signs.
    Source: rule DS-5; IH-5.
    """
    note = _note(note_id)
    encounter, doctor = conducting(actor, note.encounter_id)
    note.refresh_from_db()
    if note.author_id != doctor:
        raise NotYourEncounter
    if note.status != NoteStatus.DRAFT:
        raise AlreadySigned
    missing = rules.missing_in_note({name: getattr(note, name) for name in rules.NOTE_SECTIONS})
    if missing:
        raise NoteEmpty(fields=missing)
    _sign(note, encounter, actor=actor, now=now)


@transaction.atomic
def add_addendum(*, actor: Actor, now: datetime, note_id: UUID, text: str) -> UUID:
    """Add a signed addendum to a signed note, by its author or another doctor of the department, also after the visit.

    Refuses ``encounters.not_signed_yet`` and ``encounters.note_empty``.
    """
    note = _note(note_id)
    encounter = locked(note.encounter_id)
    access.require(actor, ENCOUNTER_CONDUCT, encounter.department_id)
    doctor = doctor_of(actor)
    note.refresh_from_db()
    if note.status != NoteStatus.SIGNED or encounter.status == EncounterStatus.CANCELLED:
        raise NotSignedYet
    if not text.strip():
        raise NoteEmpty(fields={"addendum": ADDENDUM_EMPTY})
    addendum = ClinicalNote(
        encounter=encounter, author_id=doctor, addendum_to_id=note.addendum_to_id or note.id, addendum=text.strip(), written_at=now
    )
    addendum.save()
    _sign(addendum, encounter, actor=actor, now=now)
    return addendum.id


def _note(note_id: UUID) -> ClinicalNote:
    note = ClinicalNote.objects.filter(id=note_id).first()
    if note is None:
        raise NotFound
    return note


def _sign(note: ClinicalNote, encounter: Encounter, *, actor: Actor, now: datetime) -> None:
    diagnoses = Condition.objects.filter(encounter=encounter, removed_at=None).order_by("-primary", "recorded_at", "id")
    note.diagnoses = [{"code": d.code, "name": d.name, "primary": d.primary, "certainty": str(d.certainty)} for d in diagnoses]
    note.signed_at = now
    content = rules.signed_bytes(
        rules.NoteContent(
            note_id=note.id,
            encounter_id=encounter.id,
            person_id=encounter.person_id,
            author_id=note.author_id,
            addendum_to=note.addendum_to_id,
            sections={name: getattr(note, name) for name in rules.NOTE_SECTIONS},
            diagnoses=note.diagnoses,
            signed_at=now,
        )
    )
    key = _signing_key(actor.id, now)
    private = bytes.fromhex(vault.decrypt(bytes(key.wrapped_key), bytes(key.private_key_encrypted), purpose=SIGNING_KEY))
    note.content_sha256 = hashlib.sha256(content).digest()
    note.signature = Ed25519PrivateKey.from_private_bytes(private).sign(content)
    note.signing_key = key
    note.status = NoteStatus.SIGNED
    note.save()
    event = events.NoteSigned(
        person_id=encounter.person_id,
        scope_id=encounter.department_id,
        encounter_id=encounter.id,
        note_id=note.id,
        addendum=note.addendum_to_id is not None,
    )
    journal.record(event, actor=actor, now=now)


def _signing_key(user_id: UUID, now: datetime) -> SigningKey:
    """The doctor's key pair, made when the first note is signed; two first signatures at once agree on one."""
    key = SigningKey.objects.filter(user_id=user_id).first()
    if key is not None:
        return key
    private = Ed25519PrivateKey.generate()
    wrapped = vault.new_data_key()
    made = SigningKey(
        user_id=user_id,
        public_key=private.public_key().public_bytes_raw(),
        wrapped_key=wrapped,
        private_key_encrypted=vault.encrypt(wrapped, private.private_bytes_raw().hex(), purpose=SIGNING_KEY),
        created_at=now,
    )
    SigningKey.objects.bulk_create([made], ignore_conflicts=True)
    return SigningKey.objects.get(user_id=user_id)
