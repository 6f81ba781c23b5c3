"""Registering, starting, undoing, finishing, opening; refusals share the set-up and change nothing."""

from datetime import timedelta

import pytest
from django.db import connection

from jiuyi.domains.encounters import actions, queries
from jiuyi.domains.encounters.models import ClinicalNote, Condition, DiagnosisCode, Encounter, MedicationRequest, ServiceRequest
from jiuyi.domains.encounters.words import (
    AlreadyWritten,
    CannotFinish,
    DiagnosisUnknown,
    EncounterMoved,
    EncounterStatus,
    NotYourEncounter,
    OrderStatus,
    PayerCategory,
)
from jiuyi.domains.identity.words import Credential
from jiuyi.domains.organizations.words import StaffRole
from jiuyi.foundation import audit, journal
from jiuyi.foundation.access import Actor, ActorKind
from jiuyi.kernel.ids import new_id
from jiuyi.kernel.refusals import NotAllowed, NotFound
from tests.factories import institutions, people, rooms
from tests.factories.rooms import NOW

pytestmark = pytest.mark.django_db

MINUTE = timedelta(minutes=1)


@pytest.fixture(autouse=True)
def two_codes(db):
    for code, name in (("I10.x00", "高血压"), ("E11.900", "2型糖尿病")):
        DiagnosisCode.objects.get_or_create(code=code, defaults={"name": name, "initials": "", "searchable": name, "grams": []})


def world() -> tuple:
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM foundation_journalentry")
        tables = (Encounter, Condition, ClinicalNote, ServiceRequest, MedicationRequest)
        return (*(list(table.objects.order_by("id").values_list()) for table in tables), cursor.fetchone())


def status(encounter_id) -> EncounterStatus:
    return queries.facts_encounter(encounter_id).status


def register(room, person_id, *, actor=None, **changed):
    values = {
        "organization_id": room.county.hospital_id,
        "department_id": room.department_id,
        "payer_category": PayerCategory.EMPLOYEE,
        "credential": Credential.VERBAL,
    }
    return actions.register_encounter(actor=actor or room.clerk, now=NOW, person_id=person_id, **(values | changed))


# Registering


def test_payer_and_credential_are_those_of_this_visit(room, person):
    facts = queries.facts_encounter(register(room, person))
    assert (facts.payer_category, facts.credential_shown, facts.status) == (
        PayerCategory.EMPLOYEE,
        Credential.VERBAL,
        EncounterStatus.ARRIVED,
    )
    assert [e.name for e in journal.entries_of_person(person)][-1] == "encounters.EncounterRegistered"


def test_the_same_ticket_is_registered_once(room, person):
    ticket = rooms.waits(room, person)
    first = register(room, person, ticket_id=ticket.ticket_id)
    before = world()
    assert register(room, person, ticket_id=ticket.ticket_id) == first
    assert world() == before


def test_who_may_register(room):
    person = people.resident(room.county.hospital_id)
    stranger = Actor(ActorKind.PATIENT, new_id(), request_id=new_id())
    before = world()
    for actor, refusal in ((stranger, NotFound), (room.doctor, NotAllowed)):
        with pytest.raises(refusal):
            register(room, person, actor=actor)
    assert world() == before
    account = people.signed_in()
    people.claim(account)
    assert status(register(room, person, actor=account)) is EncounterStatus.ARRIVED


# Starting, and not this person


def test_a_colleague_may_take_over_before_the_start_and_not_after(room, person):
    encounter_id = rooms.visit(room, person, started=False)
    other, other_actor = rooms.colleague(room)
    actions.start_encounter(actor=other_actor, now=NOW, encounter_id=encounter_id)
    assert queries.facts_encounter(encounter_id).practitioner_id == other
    before = world()
    with pytest.raises(NotYourEncounter):
        actions.start_encounter(actor=room.doctor, now=NOW, encounter_id=encounter_id)
    with pytest.raises(NotYourEncounter):
        actions.save_note(actor=room.doctor, now=NOW, encounter_id=encounter_id, complaint="咳嗽")
    actions.start_encounter(actor=other_actor, now=NOW + MINUTE, encounter_id=encounter_id)
    assert world() == before


def test_an_account_that_is_no_doctors_cannot_start(room, person):
    encounter_id = rooms.visit(room, person, started=False)
    nobody = institutions.staff_actor(StaffRole.DOCTOR, room.department_id)
    elsewhere = institutions.staff_actor(StaffRole.DOCTOR, room.county.surgery_id, user_id=room.doctor.id)
    before = world()
    for actor in (nobody, elsewhere, room.clerk):
        with pytest.raises(NotAllowed):
            actions.start_encounter(actor=actor, now=NOW, encounter_id=encounter_id)
    assert world() == before


def test_not_this_person_keeps_what_was_written_as_void(room, person, lists):
    encounter_id = rooms.visit(room, person, started=False)
    registered = queries.facts_encounter(encounter_id)
    actions.start_encounter(actor=room.doctor, now=NOW, encounter_id=encounter_id)
    actions.save_note(actor=room.doctor, now=NOW, encounter_id=encounter_id, complaint="写给另一个人的")
    actions.add_diagnosis(actor=room.doctor, now=NOW, encounter_id=encounter_id, code="I10.x00")
    lab = actions.order_lab(actor=room.doctor, now=NOW, encounter_id=encounter_id, code="LAB-CBC")

    actions.undo_start(actor=room.doctor, now=NOW + MINUTE, encounter_id=encounter_id)

    assert queries.facts_encounter(encounter_id) == registered
    assert queries.facts_order(lab).status is OrderStatus.REVOKED
    assert ClinicalNote.objects.get().status == "void"
    assert Condition.objects.get().removed_at == NOW + MINUTE
    event = journal.entries_of_person(person)[-1]
    assert (event.name, event.payload["voided_notes"], event.payload["removed_diagnoses"], event.payload["revoked_orders"]) == (
        "encounters.EncounterStartUndone",
        1,
        1,
        1,
    )
    assert "encounters.undo_start" in {row.act for row in audit.entries(object_id=encounter_id)}
    actions.start_encounter(actor=room.doctor, now=NOW + 2 * MINUTE, encounter_id=encounter_id)
    record = queries.open_encounter(room.doctor, encounter_id, now=NOW + 2 * MINUTE)
    assert (record.note, record.diagnoses) == (None, ())


def test_a_signed_note_or_a_paid_order_ends_the_undoing(room, person, encounter_id, lists):
    lab = actions.order_lab(actor=room.doctor, now=NOW, encounter_id=encounter_id, code="LAB-CBC")
    actions.release_orders(actor=room.clerk, now=NOW, order_ids=[lab])
    before = world()
    with pytest.raises(AlreadyWritten):
        actions.undo_start(actor=room.doctor, now=NOW, encounter_id=encounter_id)
    assert world() == before


# Diagnoses and the end


def test_the_first_diagnosis_is_primary_until_another_is_named(room, encounter_id):
    first = actions.add_diagnosis(actor=room.doctor, now=NOW, encounter_id=encounter_id, code="I10.x00")
    second = actions.add_diagnosis(actor=room.doctor, now=NOW + MINUTE, encounter_id=encounter_id, code="E11.900")
    assert [c.primary for c in Condition.objects.order_by("recorded_at")] == [True, False]
    assert actions.add_diagnosis(actor=room.doctor, now=NOW, encounter_id=encounter_id, code="E11.900", primary=True) == second
    assert [c.primary for c in Condition.objects.order_by("recorded_at")] == [False, True]
    actions.remove_diagnosis(actor=room.doctor, now=NOW, condition_id=second)
    assert Condition.objects.get(id=first).primary
    assert Condition.objects.count() == 2


def test_an_unknown_code_is_refused(room, encounter_id):
    before = world()
    with pytest.raises(DiagnosisUnknown) as refused:
        actions.add_diagnosis(actor=room.doctor, now=NOW, encounter_id=encounter_id, code="Z99.999")
    assert refused.value.data == {"diagnosis": "Z99.999"}
    assert world() == before


def test_the_end_names_all_that_is_missing(room, encounter_id):
    before = world()
    with pytest.raises(CannotFinish) as refused:
        actions.finish_encounter(actor=room.doctor, now=NOW, encounter_id=encounter_id)
    assert set(refused.value.fields) == {"note", "diagnosis"}
    assert world() == before

    actions.add_diagnosis(actor=room.doctor, now=NOW, encounter_id=encounter_id, code="I10.x00")
    note_id = actions.save_note(actor=room.doctor, now=NOW, encounter_id=encounter_id, complaint="头晕两天", plan="按时服药")
    with pytest.raises(CannotFinish) as refused:
        actions.finish_encounter(actor=room.doctor, now=NOW, encounter_id=encounter_id)
    assert set(refused.value.fields) == {"note"}

    actions.sign_note(actor=room.doctor, now=NOW, note_id=note_id)
    actions.finish_encounter(actor=room.doctor, now=NOW + MINUTE, encounter_id=encounter_id)
    assert status(encounter_id) is EncounterStatus.FINISHED
    before = world()
    for act in (actions.finish_encounter, actions.start_encounter, actions.undo_start):
        with pytest.raises(EncounterMoved):
            act(actor=room.doctor, now=NOW, encounter_id=encounter_id)
    assert world() == before


def test_a_visit_that_did_not_begin_can_be_cancelled_and_registered_again(room, person):
    ticket = rooms.waits(room, person)
    first = register(room, person, ticket_id=ticket.ticket_id)
    actions.cancel_encounter(actor=room.clerk, now=NOW, encounter_id=first)
    assert register(room, person, ticket_id=ticket.ticket_id) != first
    assert queries.facts_encounter_of_ticket(ticket.ticket_id).status is EncounterStatus.ARRIVED


# Opening


def test_who_may_open_a_visit(room, person, encounter_id):
    record = queries.open_encounter(room.doctor, encounter_id, now=NOW)
    assert (record.person.id, record.department_name, record.practitioner_name) == (person, "心血管内科", "林安宁")
    opened = [row for row in audit.entries(request_id=room.doctor.request_id) if row.kind == "opened"]
    assert {row.act for row in opened} >= {"encounters.encounter"}
    queries.open_encounter(room.doctor, encounter_id, now=NOW)
    again = [row for row in audit.entries(request_id=room.doctor.request_id) if row.kind == "opened"]
    assert len(again) == len(opened)


@pytest.mark.parametrize(
    ("_case", "role", "where", "refusal"),
    [
        ("a clerk has no permission", StaffRole.CLERK, "hospital_id", NotAllowed),
        ("a doctor of another department", StaffRole.DOCTOR, "surgery_id", NotAllowed),
        ("a doctor of another institution", StaffRole.DOCTOR, "township_id", NotAllowed),
    ],
)
def test_without_permission_nobody_opens_a_visit_and_the_attempt_is_on_record(room, encounter_id, _case, role, where, refusal):
    actor = institutions.staff_actor(role, getattr(room.county, where))
    with pytest.raises(refusal):
        queries.open_encounter(actor, encounter_id, now=NOW)
    (attempt,) = audit.entries(request_id=actor.request_id)
    assert (attempt.kind, attempt.object_id, attempt.code) == ("refused", str(encounter_id), refusal.code)


def test_without_a_care_relation_permission_alone_does_not_open(room, person, encounter_id):
    """The care of an outpatient visit ends after thirty days; the same doctor is then refused."""
    later = NOW + timedelta(days=31)
    with pytest.raises(NotFound):
        queries.open_encounter(room.doctor, encounter_id, now=later)
    attempts = [row for row in audit.entries(request_id=room.doctor.request_id) if row.kind == "refused"]
    assert [row.code for row in attempts] == ["not_found"]


def test_what_does_not_exist_and_what_is_not_yours_look_alike(room, encounter_id):
    patient = Actor(ActorKind.PATIENT, new_id(), request_id=new_id())
    for opened in (encounter_id, new_id()):
        with pytest.raises(NotFound):
            queries.open_encounter(patient, opened, now=NOW)
        with pytest.raises(NotFound):
            queries.summary_for_patient(patient, opened, now=NOW)


def test_the_patient_reads_the_signed_summary_after_verification(room):
    account = people.signed_in()
    person = people.claim(account)
    encounter_id = rooms.visit(room, person)
    actions.add_diagnosis(actor=room.doctor, now=NOW, encounter_id=encounter_id, code="I10.x00")
    note_id = actions.save_note(actor=room.doctor, now=NOW, encounter_id=encounter_id, complaint="头晕两天", plan="少盐，按时服药")
    with pytest.raises(NotFound):
        queries.summary_for_patient(account, encounter_id, now=NOW)
    with pytest.raises(NotFound):
        queries.timeline(account, person, now=NOW)

    people.verify(account, person, room.county.hospital_id)
    before = queries.summary_for_patient(account, encounter_id, now=NOW)
    assert (before.plan, before.diagnoses) == ("", ())
    actions.sign_note(actor=room.doctor, now=NOW, note_id=note_id)
    actions.finish_encounter(actor=room.doctor, now=NOW, encounter_id=encounter_id)
    summary = queries.summary_for_patient(account, encounter_id, now=NOW)
    assert (summary.plan, summary.diagnoses, summary.status) == ("少盐，按时服药", ("高血压",), EncounterStatus.FINISHED)
    (entry,) = queries.timeline(account, person, now=NOW)
    assert (entry.encounter_id, entry.diagnoses, entry.practitioner_name) == (encounter_id, ("高血压",), "林安宁")
