"""Orders stay for ever; drugs meet allergies by substance; not asked is not none."""

from datetime import date, timedelta

import pytest
from django.db import IntegrityError, connection, transaction

from jiuyi.domains.encounters import actions, queries
from jiuyi.domains.encounters.models import AllergyAssessment, AllergyIntolerance, MedicationRequest, PersonFlag, ServiceRequest
from jiuyi.domains.encounters.words import (
    Allergy,
    AllergyConflict,
    AllergyExists,
    AllergyMissing,
    AllergyNotAsked,
    Answer,
    ConflictKind,
    DaysBeyondLimit,
    DiagnosisNeeded,
    FlagKind,
    Frequency,
    OrderableUnknown,
    OrderedAlready,
    OrderKind,
    OrderMoved,
    OrderStatus,
    ReasonNeeded,
    Route,
    SubstanceUnknown,
)
from jiuyi.foundation import audit, journal
from jiuyi.kernel.ids import new_id
from jiuyi.kernel.refusals import NotAllowed, NotFound
from tests.factories import rooms
from tests.factories.rooms import NOW

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("lists")]

MINUTE = timedelta(minutes=1)


@pytest.fixture
def diagnosed(room, encounter_id):
    """A visit with a diagnosis, in which drugs may be ordered."""
    actions.add_diagnosis(actor=room.doctor, now=NOW, encounter_id=encounter_id, code="J06.900")
    return encounter_id


def prescribe(room, encounter_id, code="DRG-AMX", **changed):
    values = {"dose": "0.5g", "route": Route.ORAL, "frequency": Frequency.THRICE, "days": 7, "quantity": 1}
    return actions.order_medication(actor=room.doctor, now=NOW, encounter_id=encounter_id, code=code, **(values | changed))


def ask(room, encounter_id, status=Answer.NONE, *codes, now=NOW):
    actions.record_allergy_status(
        actor=room.doctor, now=now, encounter_id=encounter_id, status=status, allergies=[Allergy(code, "皮疹") for code in codes]
    )


def world() -> tuple:
    tables = (ServiceRequest, MedicationRequest, AllergyAssessment, AllergyIntolerance, PersonFlag)
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM foundation_journalentry")
        return (*(list(table.objects.order_by("id").values_list()) for table in tables), cursor.fetchone())


# Laboratory items and the life of an order


def test_a_laboratory_order_waits_for_payment_then_is_released_then_done(room, person, encounter_id):
    order_id = actions.order_lab(actor=room.doctor, now=NOW, encounter_id=encounter_id, code="LAB-GLU", note="急")
    order = queries.facts_order(order_id)
    assert (order.kind, order.name, order.status, order.preparation) == (
        OrderKind.LAB,
        "空腹血糖测定",
        OrderStatus.ACTIVE,
        "空腹8小时以上，可少量饮水",
    )
    with pytest.raises(OrderMoved):
        actions.complete_order(actor=room.clerk, now=NOW, order_id=order_id)
    assert actions.release_orders(actor=room.clerk, now=NOW, order_ids=[order_id]).released == (order_id,)
    assert actions.release_orders(actor=room.clerk, now=NOW, order_ids=[order_id]).already == (order_id,)
    actions.complete_order(actor=room.clerk, now=NOW, order_id=order_id)
    assert queries.facts_order(order_id).status is OrderStatus.COMPLETED
    happened = [e.name.removeprefix("encounters.") for e in journal.entries_of_person(person)]
    assert happened[-3:] == ["OrderPlaced", "OrderReleased", "OrderCompleted"]


@pytest.mark.parametrize(
    ("_case", "code", "refusal"),
    [("unknown", "LAB-XXX", OrderableUnknown), ("a drug is no laboratory item", "DRG-AMX", OrderableUnknown)],
)
def test_unknown_items_are_refused(room, encounter_id, _case, code, refusal):
    before = world()
    with pytest.raises(refusal):
        actions.order_lab(actor=room.doctor, now=NOW, encounter_id=encounter_id, code=code)
    assert world() == before


def test_the_same_item_is_ordered_once_until_it_is_revoked(room, encounter_id):
    order_id = actions.order_lab(actor=room.doctor, now=NOW, encounter_id=encounter_id, code="LAB-CBC")
    before = world()
    with pytest.raises(OrderedAlready):
        actions.order_lab(actor=room.doctor, now=NOW, encounter_id=encounter_id, code="LAB-CBC")
    assert world() == before
    actions.revoke_order(actor=room.doctor, now=NOW, order_id=order_id, reason="重复")
    actions.order_lab(actor=room.doctor, now=NOW, encounter_id=encounter_id, code="LAB-CBC")
    assert [o.status for o in queries.facts_orders(encounter_id)] == [OrderStatus.REVOKED, OrderStatus.ACTIVE]


def test_revoking_tells_what_the_order_was_and_needs_a_reason(room, encounter_id):
    paid = actions.order_lab(actor=room.doctor, now=NOW, encounter_id=encounter_id, code="LAB-CBC")
    actions.release_orders(actor=room.clerk, now=NOW, order_ids=[paid])
    before = world()
    with pytest.raises(ReasonNeeded):
        actions.revoke_order(actor=room.doctor, now=NOW, order_id=paid, reason=" ")
    with pytest.raises(NotAllowed):
        actions.revoke_order(actor=room.clerk, now=NOW, order_id=paid, reason="不做了")
    with pytest.raises(NotFound):
        actions.revoke_order(actor=room.doctor, now=NOW, order_id=new_id(), reason="不做了")
    assert world() == before
    assert actions.revoke_order(actor=room.doctor, now=NOW, order_id=paid, reason="不做了").was is OrderStatus.RELEASED
    assert actions.release_orders(actor=room.clerk, now=NOW, order_ids=[paid]).not_releasable == (paid,)
    with pytest.raises(OrderMoved):
        actions.revoke_order(actor=room.doctor, now=NOW, order_id=paid, reason="不做了")


@pytest.mark.parametrize("table", ["servicerequest", "medicationrequest", "condition", "allergyintolerance"])
def test_the_database_keeps_what_was_ordered_and_found(room, diagnosed, table):
    ask(room, diagnosed, Answer.PRESENT, "latex")
    actions.order_lab(actor=room.doctor, now=NOW, encounter_id=diagnosed, code="LAB-CBC")
    prescribe(room, diagnosed, "DRG-AMB")
    before = world()
    with pytest.raises(IntegrityError, match="refused"), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(f"DELETE FROM encounters_{table}")
    assert world() == before


# Drugs


def test_a_prescription_line_keeps_its_rule_and_its_last_day(room, diagnosed):
    ask(room, diagnosed)
    order = queries.facts_order(prescribe(room, diagnosed))
    assert (order.name, order.specification, order.dose, order.route, order.frequency, order.days, order.quantity, order.unit) == (
        "阿莫西林胶囊",
        "0.5g×24粒",
        "0.5g",
        Route.ORAL,
        Frequency.THRICE,
        7,
        1,
        "盒",
    )
    row = MedicationRequest.objects.get()
    assert (row.rule_id, row.rule_version, row.valid_until, row.group) == ("RX-2", 0, date(2026, 3, 2), 1)


def test_a_drug_needs_a_diagnosis(room, encounter_id):
    ask(room, encounter_id)
    before = world()
    with pytest.raises(DiagnosisNeeded):
        prescribe(room, encounter_id)
    assert world() == before


def test_more_than_a_week_needs_a_reason(room, diagnosed):
    ask(room, diagnosed)
    before = world()
    with pytest.raises(DaysBeyondLimit) as refused:
        prescribe(room, diagnosed, days=8)
    assert refused.value.data == {"limit_days": 7, "longest_days": 84}
    assert world() == before
    prescribe(room, diagnosed, days=28, long_reason="高血压长期用药")
    assert MedicationRequest.objects.get().long_reason == "高血压长期用药"


def test_the_sixth_drug_begins_a_second_prescription(room, diagnosed):
    ask(room, diagnosed)
    for code in ("DRG-AMB", "DRG-LOR", "DRG-OME", "DRG-DOM", "DRG-FOL", "DRG-CAD"):
        prescribe(room, diagnosed, code)
    assert [o.group for o in queries.facts_orders(diagnosed)] == [1, 1, 1, 1, 1, 2]


# Allergies


def test_not_asked_is_not_none(room, person, diagnosed):
    assert queries.facts_allergies(person).status is Answer.NOT_ASKED
    before = world()
    with pytest.raises(AllergyNotAsked):
        prescribe(room, diagnosed)
    assert world() == before
    ask(room, diagnosed)
    assert queries.facts_allergies(person).status is Answer.NONE
    prescribe(room, diagnosed)


@pytest.mark.parametrize(
    ("_case", "allergy", "drug", "kind"),
    [
        ("the substance itself", "amoxicillin", "DRG-AMX", ConflictKind.SAME),
        ("its class", "penicillins", "DRG-AMX", ConflictKind.CLASS),
        ("a sister of its class", "penicillin_g", "DRG-AMC", ConflictKind.CLASS),
        ("penicillin and cephalosporin", "penicillin_g", "DRG-CXM", ConflictKind.CROSS),
        ("the second part of a combination", "hydrochlorothiazide", "DRG-IRB", ConflictKind.SAME),
        ("aspirin and ibuprofen", "aspirin", "DRG-IBU", ConflictKind.CLASS),
    ],
)
def test_a_drug_that_meets_an_allergy_is_refused_unless_a_reason_is_given(  # noqa: PLR0917  # the boundary table's columns
    room, person, diagnosed, _case, allergy, drug, kind
):
    ask(room, diagnosed, Answer.PRESENT, allergy)
    before = world()
    with pytest.raises(AllergyConflict) as refused:
        prescribe(room, diagnosed, drug)
    assert [c.kind for c in refused.value.data["conflicts"]] == [kind]
    with pytest.raises(AllergyConflict):
        prescribe(room, diagnosed, drug, override_reason="  ")
    assert world() == before

    order_id = prescribe(room, diagnosed, drug, override_reason="皮试阴性，患者知情同意")
    row = MedicationRequest.objects.get(id=order_id)
    assert (row.override_reason, row.override_code) == ("皮试阴性，患者知情同意", "encounters.allergy_conflict")
    (witness,) = audit.entries(object_id=order_id)
    assert (witness.act, witness.reason, witness.person_id) == (
        "encounters.allergy_conflict.override",
        "皮试阴性，患者知情同意",
        person,
    )
    assert journal.entries_of_person(person)[-1].payload["overridden"] is True


def test_a_drug_of_another_family_is_not_refused_and_stores_no_override(room, diagnosed):
    ask(room, diagnosed, Answer.PRESENT, "penicillins")
    order_id = prescribe(room, diagnosed, "DRG-AZM", override_reason="顺手写的")
    row = MedicationRequest.objects.get(id=order_id)
    assert (row.override_reason, row.override_code, audit.entries(object_id=order_id)) == ("", "", [])


def test_an_allergy_found_in_one_visit_is_known_in_the_next(room, person, diagnosed):
    ask(room, diagnosed, Answer.PRESENT, "penicillins")
    _, colleague = rooms.colleague(room)
    next_visit = rooms.visit(room, person, started=False, now=NOW + MINUTE)
    actions.start_encounter(actor=colleague, now=NOW + MINUTE, encounter_id=next_visit)
    record = queries.open_encounter(colleague, next_visit, now=NOW + MINUTE)
    assert (record.allergies.status, [row.substance_name for row in record.allergies.rows]) == (Answer.PRESENT, ["青霉素类"])


@pytest.mark.parametrize(
    ("_case", "known", "status", "codes", "refusal"),
    [
        ("present, but to what?", (), Answer.PRESENT, (), AllergyMissing),
        ("none, while one is on record", ("latex",), Answer.NONE, (), AllergyExists),
        ("none and some at once", (), Answer.NONE, ("latex",), AllergyExists),
        ("an unknown substance", (), Answer.PRESENT, ("moonlight",), SubstanceUnknown),
    ],
)
def test_answers_that_contradict_are_refused(  # noqa: PLR0917  # the boundary table's columns
    room, encounter_id, _case, known, status, codes, refusal
):
    if known:
        ask(room, encounter_id, Answer.PRESENT, *known)
    before = world()
    with pytest.raises(refusal):
        ask(room, encounter_id, status, *codes)
    assert world() == before


def test_a_refuted_allergy_stays_on_record_and_asks_again(room, person, diagnosed):
    ask(room, diagnosed, Answer.PRESENT, "penicillins")
    (row,) = queries.facts_allergies(person).rows
    before = world()
    with pytest.raises(ReasonNeeded):
        actions.refute_allergy(actor=room.doctor, now=NOW, encounter_id=diagnosed, allergy_id=row.allergy_id, reason="")
    assert world() == before
    actions.refute_allergy(actor=room.doctor, now=NOW, encounter_id=diagnosed, allergy_id=row.allergy_id, reason="过敏科激发试验阴性")
    assert (queries.facts_allergies(person).status, AllergyIntolerance.objects.count()) == (Answer.NOT_ASKED, 1)
    ask(room, diagnosed, now=NOW + MINUTE)
    prescribe(room, diagnosed)


def test_pregnancy_and_implants_have_three_states_and_an_end(room, person, encounter_id):
    today = NOW.date()
    assert [(f.kind, f.status) for f in queries.facts_flags(person, today=today)] == [
        (FlagKind.PREGNANCY, Answer.NOT_ASKED),
        (FlagKind.IMPLANT, Answer.NOT_ASKED),
    ]
    actions.record_flag(
        actor=room.doctor,
        now=NOW,
        encounter_id=encounter_id,
        kind=FlagKind.PREGNANCY,
        status=Answer.PRESENT,
        detail="孕20周",
        expires_on=today + timedelta(days=140),
    )
    actions.record_flag(actor=room.doctor, now=NOW, encounter_id=encounter_id, kind=FlagKind.IMPLANT, status=Answer.NONE)
    assert [(f.status, f.detail) for f in queries.facts_flags(person, today=today)] == [(Answer.PRESENT, "孕20周"), (Answer.NONE, "")]
    after = queries.facts_flags(person, today=today + timedelta(days=141))
    assert [f.status for f in after] == [Answer.NOT_ASKED, Answer.NONE]


def test_only_those_who_treat_may_record_answers(room, encounter_id):
    before = world()
    with pytest.raises(NotAllowed):
        actions.record_allergy_status(actor=room.clerk, now=NOW, encounter_id=encounter_id, status=Answer.NONE)
    with pytest.raises(NotAllowed):
        actions.record_flag(actor=room.clerk, now=NOW, encounter_id=encounter_id, kind=FlagKind.IMPLANT, status=Answer.NONE)
    assert world() == before
