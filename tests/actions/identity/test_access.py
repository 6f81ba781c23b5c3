from datetime import timedelta

import pytest

from jiuyi.domains.identity import actions, models, queries
from jiuyi.domains.identity.words import CareBasis, PeriodReversed, Relation
from jiuyi.foundation import audit
from jiuyi.foundation.access import SYSTEM, Actor, ActorKind
from jiuyi.foundation.audit import AuditKind
from jiuyi.kernel.ids import new_id
from jiuyi.kernel.refusals import NotFound
from tests.actions.identity.tables import everything
from tests.factories.institutions import NOW, add_doctor, staff_actor, staff_user
from tests.factories.people import claim, resident, signed_in, verify

HOUR = timedelta(hours=1)


@pytest.fixture
def person_id(county):
    return resident(county.hospital_id, phone="12000000077", village="柳河村")


def witnesses(actor, kind):
    return audit.entries(kind=kind, actor_id=actor.id)


def assert_closed(actor, person_id, *, now=NOW):
    before = everything()
    with pytest.raises(NotFound):
        queries.open_person(actor, person_id, now=now)
    with pytest.raises(NotFound):
        queries.open_numbers(actor, person_id, reason="核对", now=now)
    with pytest.raises(NotFound):
        queries.open_record(actor, person_id, record="encounters.timeline", now=now)
    assert everything() == before
    assert {(row.act, row.code, row.person_id) for row in witnesses(actor, AuditKind.REFUSED)} >= {
        ("identity.person", "not_found", person_id),
        ("encounters.timeline", "not_found", person_id),
    }
    assert witnesses(actor, AuditKind.OPENED) == []
    assert witnesses(actor, AuditKind.PRIVILEGED) == []


def test_a_verified_link_opens_the_record_once_in_the_audit(county, person_id):
    actor = signed_in()
    claim(actor)
    verify(actor, person_id, county.hospital_id)
    for _ in range(2):
        record = queries.open_person(actor, person_id, now=NOW)
    assert (record.name, record.masked_name, record.age_text, record.village) == ("李秀兰", "李**", "76岁", "柳河村")
    assert [identifier.number for identifier in record.identifiers] == ["109900********1221"]
    assert record.phones == ("120****0077",)
    (row,) = witnesses(actor, AuditKind.OPENED)
    assert (row.act, row.person_id, row.request_id) == ("identity.person", person_id, actor.request_id)


def test_numbers_are_unmasked_with_a_reason_that_stays(county, person_id):
    clerk = staff_actor("clerk", county.hospital_id)
    (identifier,) = queries.open_numbers(clerk, person_id, reason="核对医保信息", now=NOW)
    assert identifier.number == "109900194903071221"
    (row,) = witnesses(clerk, AuditKind.PRIVILEGED)
    assert (row.act, row.reason, row.person_id) == ("identity.unmask_numbers", "核对医保信息", person_id)


def test_a_claimed_link_opens_nothing(person_id):
    actor = signed_in()
    claim(actor)
    assert_closed(actor, person_id)


def test_a_stranger_a_device_and_a_nobody_open_nothing(county, person_id):
    stranger = signed_in()
    claim(stranger, name="王大山", relation=Relation.OTHER)
    assert_closed(stranger, person_id)
    assert_closed(Actor(ActorKind.DEVICE, new_id(), request_id=new_id()), person_id)
    assert_closed(staff_actor("porter", county.root_id), person_id)


def test_an_unknown_person_and_a_closed_one_are_the_same_answer(county, person_id):
    stranger = signed_in()
    answers = []
    for wanted in (person_id, new_id()):
        with pytest.raises(NotFound) as refused:
            queries.open_person(stranger, wanted, now=NOW)
        answers.append((refused.value.code, refused.value.data, refused.value.fields))
    assert answers[0] == answers[1]


def test_an_ended_link_opens_nothing(county, person_id):
    actor = signed_in()
    claim(actor)
    verify(actor, person_id, county.hospital_id)
    actions.end_link(actor=actor, now=NOW, person_id=person_id)
    assert_closed(actor, person_id)


def test_a_registration_desk_opens_the_person_but_no_clinical_record(county, person_id):
    clerk = staff_actor("clerk", county.township_id)
    assert queries.open_person(clerk, person_id, now=NOW).name == "李秀兰"
    with pytest.raises(NotFound):
        queries.open_record(clerk, person_id, record="encounters.timeline", now=NOW)


def care(person_id, **changes):
    values = {"basis": CareBasis.OUTPATIENT_VISIT, "start": NOW, "end": NOW + HOUR}
    return actions.add_care_relation(actor=SYSTEM, now=NOW, person_id=person_id, **{**values, **changes})


@pytest.mark.parametrize(
    ("_case", "at", "opens"),
    [
        ("a second before", NOW - timedelta(seconds=1), False),
        ("from the start", NOW, True),
        ("a second before the end", NOW + HOUR - timedelta(seconds=1), True),
        ("at the end", NOW + HOUR, False),
    ],
)
def test_a_care_relation_opens_only_inside_its_period(county, person_id, _case, at, opens):
    doctor = staff_actor("doctor", county.medicine_id)
    care(person_id, node_id=county.medicine_id)
    if opens:
        assert queries.open_person(doctor, person_id, now=at).id == person_id
        queries.open_record(doctor, person_id, record="encounters.timeline", now=at)
        assert len(witnesses(doctor, AuditKind.OPENED)) == 2
    else:
        assert_closed(doctor, person_id, now=at)


@pytest.mark.parametrize(
    ("_case", "role", "where", "opens"),
    [
        ("the unit itself", "doctor", "medicine_id", True),
        ("the institution above it", "doctor", "hospital_id", True),
        ("another unit", "doctor", "surgery_id", False),
        ("another institution", "doctor", "township_id", False),
        ("the unit, but no doctor", "porter", "medicine_id", False),
    ],
)
def test_a_care_relation_of_a_unit_opens_for_its_staff(county, person_id, _case, role, where, opens):
    actor = staff_actor(role, getattr(county, where))
    care(person_id, node_id=county.medicine_id)
    if opens:
        assert queries.open_person(actor, person_id, now=NOW).id == person_id
    else:
        assert_closed(actor, person_id)


def test_a_care_relation_of_a_practitioner_opens_for_that_one_only(county, person_id):
    user_id = staff_user("D0001")
    doctor_id = add_doctor(county.hospital_id, county.surgery_id, user_id=user_id)
    care(person_id, practitioner_id=doctor_id, basis=CareBasis.FAMILY_DOCTOR, end=None)
    assert_closed(staff_actor("doctor", county.surgery_id), person_id)
    assert_closed(staff_actor("porter", county.surgery_id, user_id=user_id), person_id)
    own = staff_actor("doctor", county.surgery_id, user_id=user_id)
    assert queries.open_person(own, person_id, now=NOW + timedelta(days=4000)).id == person_id


def test_care_of_one_person_opens_no_other(county, person_id):
    other = resident(county.hospital_id, name="王敏", number=None)
    care(other, node_id=county.medicine_id)
    assert_closed(staff_actor("doctor", county.medicine_id), person_id)


def test_care_may_end_early(county, person_id):
    relation_id = care(person_id, node_id=county.medicine_id)
    doctor = staff_actor("doctor", county.medicine_id)
    actions.end_care_relation(actor=SYSTEM, now=NOW + HOUR / 2, relation_id=relation_id)
    assert queries.may_open_record(doctor, person_id, now=NOW)
    assert not queries.may_open_record(doctor, person_id, now=NOW + HOUR / 2)
    actions.end_care_relation(actor=SYSTEM, now=NOW + HOUR, relation_id=relation_id)
    assert models.CareRelation.objects.get().ends_at == NOW + HOUR / 2


def test_a_care_relation_has_somebody_some_time_and_a_person(county, person_id):
    before = everything()
    with pytest.raises(PeriodReversed):
        care(person_id, node_id=county.medicine_id, end=NOW)
    with pytest.raises(NotFound):
        care(new_id(), node_id=county.medicine_id)
    with pytest.raises(ValueError, match="somebody"):
        care(person_id)
    assert everything() == before


def test_a_merged_id_reads_the_set(county, person_id):
    double = resident(county.hospital_id, name="李秀兰", number=None)
    models.Person.objects.filter(pk=double).update(survivor_id=person_id)
    actor = signed_in()
    claim(actor)
    verify(actor, person_id, county.hospital_id)
    assert queries.same_person_ids(double) == queries.same_person_ids(person_id) == {double, person_id}
    assert queries.open_person(actor, double, now=NOW).survivor_id == person_id
