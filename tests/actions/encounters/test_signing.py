"""A signed note never changes: the code refuses, the database refuses, and a changed byte is found."""

import hashlib
from datetime import timedelta

import pytest
from django.db import IntegrityError, connection, transaction

from jiuyi.domains.encounters import actions, queries, rules
from jiuyi.domains.encounters.models import ClinicalNote, DiagnosisCode, SigningKey
from jiuyi.domains.encounters.words import AlreadySigned, NoteEmpty, NotSignedYet, NotYourEncounter
from jiuyi.foundation import journal
from jiuyi.kernel.ids import new_id
from jiuyi.kernel.refusals import NotAllowed, NotFound
from tests.factories import rooms
from tests.factories.rooms import NOW

pytestmark = pytest.mark.django_db

MINUTE = timedelta(minutes=1)
TEXT = {"complaint": "咳嗽三天", "history": "无发热", "exam": "双肺呼吸音清", "plan": "多饮水，三天后复诊"}


@pytest.fixture
def note_id(room, encounter_id):
    """A draft beside a diagnosis."""
    DiagnosisCode.objects.create(code="J06.900", name="急性上呼吸道感染", initials="jxshxdgr", searchable="", grams=[])
    actions.add_diagnosis(actor=room.doctor, now=NOW, encounter_id=encounter_id, code="J06.900")
    return actions.save_note(actor=room.doctor, now=NOW, encounter_id=encounter_id, **TEXT)


@pytest.fixture
def signed_id(room, note_id):
    actions.sign_note(actor=room.doctor, now=NOW + MINUTE, note_id=note_id)
    return note_id


def stored() -> list:
    return list(ClinicalNote.objects.order_by("id").values())


def take_the_law_away() -> None:
    """Until the test is rolled back, as somebody who owns the tables could."""
    with connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        cursor.execute("ALTER TABLE encounters_clinicalnote DISABLE TRIGGER signed_note_never_changes")


def test_a_draft_is_one_row_however_often_it_is_saved(room, encounter_id, note_id):
    assert actions.save_note(actor=room.doctor, now=NOW + MINUTE, encounter_id=encounter_id, **TEXT | {"plan": "住院观察"}) == note_id
    assert (ClinicalNote.objects.get().plan, queries.verify_note(note_id).problem) == ("住院观察", "unsigned")


def test_a_signed_note_is_intact_and_covers_the_diagnoses(person, signed_id):
    check = queries.verify_note(signed_id)
    assert (check.intact, check.problem, check.signed_at) == (True, "", NOW + MINUTE)
    assert ClinicalNote.objects.get().diagnoses == [
        {"code": "J06.900", "name": "急性上呼吸道感染", "primary": True, "certainty": "confirmed"}
    ]
    assert journal.entries_of_person(person)[-1].name == "encounters.NoteSigned"


def test_an_empty_note_is_not_signed_and_names_its_fields(room, encounter_id, note_id):
    actions.save_note(actor=room.doctor, now=NOW, encounter_id=encounter_id, history="无")
    before = stored()
    with pytest.raises(NoteEmpty) as refused:
        actions.sign_note(actor=room.doctor, now=NOW, note_id=note_id)
    assert set(refused.value.fields) == {"complaint", "plan"}
    assert stored() == before


def test_only_the_doctor_of_the_visit_signs(room, note_id):
    _, colleague = rooms.colleague(room)
    before = stored()
    with pytest.raises(NotYourEncounter):
        actions.sign_note(actor=colleague, now=NOW, note_id=note_id)
    with pytest.raises(NotAllowed):
        actions.sign_note(actor=room.clerk, now=NOW, note_id=note_id)
    with pytest.raises(NotFound):
        actions.sign_note(actor=room.doctor, now=NOW, note_id=new_id())
    assert stored() == before


def test_what_is_signed_is_neither_saved_nor_signed_again(room, encounter_id, signed_id):
    before = stored()
    with pytest.raises(AlreadySigned):
        actions.save_note(actor=room.doctor, now=NOW, encounter_id=encounter_id, **TEXT)
    with pytest.raises(AlreadySigned):
        actions.sign_note(actor=room.doctor, now=NOW, note_id=signed_id)
    assert stored() == before


@pytest.mark.parametrize(
    "change",
    [
        "UPDATE encounters_clinicalnote SET plan = plan || '。' WHERE id = %s",
        "UPDATE encounters_clinicalnote SET status = 'draft' WHERE id = %s",
        "UPDATE encounters_clinicalnote SET signed_at = signed_at + interval '1 second' WHERE id = %s",
        "UPDATE encounters_clinicalnote SET plan = plan WHERE id = %s",
        "DELETE FROM encounters_clinicalnote WHERE id = %s",
    ],
)
def test_the_database_refuses_any_change_of_a_signed_note(signed_id, change):
    before = stored()
    with pytest.raises(IntegrityError, match="a signed note never changes"), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(change, [signed_id])
    assert stored() == before


@pytest.mark.parametrize(
    ("column", "changed", "problem"),
    [
        ("complaint", "'咳嗽三夭'", "content"),
        ("history", "history || ' '", "content"),
        ("diagnoses", "'[]'::jsonb", "content"),
        ("signed_at", "signed_at + interval '1 microsecond'", "content"),
        ("content_sha256", "set_byte(content_sha256, 0, get_byte(content_sha256, 0) # 1)", "content"),
        ("signature", "set_byte(signature, 63, get_byte(signature, 63) # 1)", "signature"),
    ],
)
def test_one_flipped_byte_is_found_even_when_the_law_of_the_database_was_taken_away(signed_id, column, changed, problem):
    take_the_law_away()
    with connection.cursor() as cursor:
        cursor.execute(f"UPDATE encounters_clinicalnote SET {column} = {changed} WHERE id = %s", [signed_id])
    check = queries.verify_note(signed_id)
    assert (check.intact, check.problem) == (False, problem)


def test_a_forged_hash_does_not_help(signed_id):
    """Whoever changes text and hash together still lacks the doctor's key."""
    take_the_law_away()
    note = ClinicalNote.objects.select_related("encounter").get()
    ClinicalNote.objects.update(plan="放弃治疗")
    forged = rules.signed_bytes(
        rules.NoteContent(
            note_id=note.id,
            encounter_id=note.encounter_id,
            person_id=note.encounter.person_id,
            author_id=note.author_id,
            addendum_to=None,
            sections={**TEXT, "plan": "放弃治疗", "addendum": ""},
            diagnoses=note.diagnoses,
            signed_at=note.signed_at,
        )
    )
    ClinicalNote.objects.update(content_sha256=hashlib.sha256(forged).digest())
    assert queries.verify_note(signed_id).problem == "signature"


def test_addenda_are_signed_too_and_leave_the_note_alone(room, encounter_id, signed_id):
    actions.finish_encounter(actor=room.doctor, now=NOW + MINUTE, encounter_id=encounter_id)
    _, colleague = rooms.colleague(room)
    mine = actions.add_addendum(actor=room.doctor, now=NOW + 2 * MINUTE, note_id=signed_id, text="电话告知化验结果。")
    theirs = actions.add_addendum(actor=colleague, now=NOW + 3 * MINUTE, note_id=mine, text="同意上述处理。")
    assert all(queries.verify_note(each).intact for each in (signed_id, mine, theirs))
    record = queries.open_encounter(room.doctor, encounter_id, now=NOW + 4 * MINUTE)
    assert [(n.addendum, n.author_name, n.addendum_to) for n in record.addenda] == [
        ("电话告知化验结果。", "林安宁", signed_id),
        ("同意上述处理。", "周启明", signed_id),
    ]
    assert SigningKey.objects.count() == 2


def test_an_addendum_needs_a_signed_note_and_words(room, note_id):
    before = stored()
    with pytest.raises(NotSignedYet):
        actions.add_addendum(actor=room.doctor, now=NOW, note_id=note_id, text="补充")
    assert stored() == before
    actions.sign_note(actor=room.doctor, now=NOW, note_id=note_id)
    with pytest.raises(NoteEmpty):
        actions.add_addendum(actor=room.doctor, now=NOW, note_id=note_id, text="  ")
    with pytest.raises(NotAllowed):
        actions.add_addendum(actor=room.clerk, now=NOW, note_id=note_id, text="补充")
    assert len(stored()) == 1


def test_the_private_key_is_not_readable_in_the_table(signed_id):
    key = SigningKey.objects.get()
    assert (len(bytes(key.public_key)), len(bytes(key.private_key_encrypted)) > 64) == (32, True)
    for change in ("DELETE FROM encounters_signingkey", "UPDATE encounters_signingkey SET public_key = %s"):
        with pytest.raises(IntegrityError, match="signatures need their key"), transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(change, [b"0" * 32] if "%s" in change else None)
