from datetime import date, timedelta
from threading import Barrier, Thread

import pytest
from django.db import connection

from jiuyi.domains.identity import actions, models, queries
from jiuyi.domains.identity.words import (
    Certainty,
    FamilyFull,
    IdentifierStatus,
    IdentifierType,
    LinkLevel,
    PersonNotTaken,
    Relation,
    RelationTaken,
    Sex,
    TooManyClaims,
)
from jiuyi.foundation.access import SYSTEM
from jiuyi.kernel.refusals import NotAllowed, NotFound
from tests.actions.identity.tables import everything
from tests.factories.institutions import NOW, staff_actor
from tests.factories.people import LI_NUMBER, MIN_NUMBER, claim, id_number, resident, signed_in, verify

OTHER_PHONE = "12000000002"


@pytest.fixture
def actor(county):
    return signed_in()


def test_an_account_claims_an_unknown_person(actor):
    person_id = claim(actor)
    facts = queries.facts_person(person_id)
    assert (facts.name, facts.sex, facts.birth_date) == ("李秀兰", Sex.FEMALE, date(1949, 3, 7))
    assert (facts.certainty, facts.id_last_four, facts.id_disputed) == (Certainty.CLAIMED, "1221", False)
    assert queries.facts_link(actor.id, person_id) is LinkLevel.CLAIMED
    assert queries.find_by_identifier(IdentifierType.RESIDENT_ID, LI_NUMBER) == person_id


def test_typing_somebody_elses_number_with_the_right_name_opens_nothing(actor, county):
    person_id = resident(county.hospital_id, phone="12000000077", village="柳河村")
    assert claim(actor) == person_id
    assert queries.facts_link(actor.id, person_id) is LinkLevel.CLAIMED
    before = everything()
    with pytest.raises(NotFound):
        queries.open_person(actor, person_id, now=NOW)
    assert everything() == before


def test_a_disagreeing_name_makes_a_separate_disputed_person_and_asks_a_human(actor, county):
    person_id = resident(county.hospital_id)
    claimed = claim(actor, name="王大山")
    assert claimed != person_id
    assert queries.facts_person(claimed).id_disputed
    assert not queries.facts_person(person_id).id_disputed
    review = models.MatchReview.objects.get()
    assert (review.person_id, review.other_id, review.why) == (claimed, person_id, "number_disagrees")
    assert queries.count_open_reviews() == 1
    assert queries.find_by_identifier(IdentifierType.RESIDENT_ID, LI_NUMBER) == person_id
    assert queries.facts_link(actor.id, person_id) is None


def seen_by(actor):
    members = queries.account_people(actor, now=NOW)
    return [(m.typed_name, m.relation, m.level, m.age_text, m.sex, m.birth_date, m.id_type, m.id_last_four) for m in members]


@pytest.mark.parametrize(("_case", "known_as"), [("unknown", None), ("known, same name", "李秀兰"), ("known, other name", "王大山")])
def test_the_account_sees_the_same_whether_the_number_was_known_or_not(actor, county, _case, known_as):
    if known_as:
        resident(county.hospital_id, name=known_as, phone="12000000077", village="柳河村")
    person_id = claim(actor)
    assert person_id.version == 4  # a time-ordered id would tell when the person was entered
    assert seen_by(actor) == [
        ("李秀兰", Relation.SELF, LinkLevel.CLAIMED, "76岁", Sex.FEMALE, date(1949, 3, 7), IdentifierType.RESIDENT_ID, "1221")
    ]


def test_what_is_known_of_a_passport_holder_is_not_told_to_who_types_the_number(actor, county):
    actions.register_person(
        actor=SYSTEM,
        now=NOW,
        organization_id=county.hospital_id,
        name="John Smith",
        sex=Sex.MALE,
        birth_date=date(1980, 5, 5),
        id_type=IdentifierType.PASSPORT,
        number="E12345678",
    )
    typed = {"id_type": IdentifierType.PASSPORT, "number": "E12345678", "relation": Relation.OTHER}
    before = everything()
    with pytest.raises(PersonNotTaken) as refused:
        actions.claim_person(actor=actor, now=NOW, name="John Smith", **typed)
    assert set(refused.value.fields) == {"birth_date"}
    assert everything() == before
    actions.claim_person(actor=actor, now=NOW, name="John Smith", birth_date=date(1980, 5, 6), **typed)
    (member,) = queries.account_people(actor, now=NOW)
    assert (member.birth_date, member.sex) == (date(1980, 5, 6), Sex.UNKNOWN)


@pytest.mark.parametrize("known_as", [None, "李秀兰", "王大山"])
def test_the_same_words_again_give_the_same_person_and_write_nothing(actor, county, known_as):
    if known_as:
        resident(county.hospital_id, name=known_as)
    first = claim(actor)
    before = everything()
    assert claim(actor, name=" 李秀兰 ", number="１" + LI_NUMBER[1:]) == first
    assert everything() == before


def test_two_accounts_may_look_after_one_person(actor):
    person_id = claim(actor)
    other = signed_in(OTHER_PHONE)
    assert claim(other, relation=Relation.PARENT) == person_id
    assert {row.phone_hint for row in queries.links_of_person(SYSTEM, person_id)} == {"0001", "0002"}


@pytest.mark.parametrize(
    ("_case", "changes", "fields"),
    [
        ("wrong check digit", {"number": "109900194903071222"}, {"number"}),
        ("no name", {"name": ""}, {"name"}),
        ("both", {"name": "", "number": "1"}, {"name", "number"}),
    ],
)
def test_a_wrong_number_is_named_and_nothing_is_written(actor, _case, changes, fields):
    before = everything()
    with pytest.raises(PersonNotTaken) as refused:
        claim(actor, **changes)
    assert set(refused.value.fields) == fields
    assert everything() == before


def number_of(index):
    return id_number(date(1970, 1, 1 + index), serial=index)


def test_an_account_looks_after_eight_people(actor):
    for index in range(8):
        claim(actor, name="王小宝", number=number_of(index), relation=Relation.CHILD)
    before = everything()
    with pytest.raises(FamilyFull) as refused:
        claim(actor, name="王小宝", number=number_of(8), relation=Relation.CHILD)
    assert refused.value.data == {"limit": 8}
    assert everything() == before
    link_id = queries.account_people(actor, now=NOW)[0].link_id
    actions.end_link(actor=actor, now=NOW, link_id=link_id)
    assert claim(actor, name="王小宝", number=number_of(8), relation=Relation.CHILD)


def test_an_account_types_twenty_people_a_day(actor):
    for index in range(20):
        person_id = claim(actor, name="王小宝", number=number_of(index), relation=Relation.CHILD)
        actions.end_link(actor=actor, now=NOW, person_id=person_id)
    before = everything()
    with pytest.raises(TooManyClaims):
        claim(actor, name="王小宝", number=number_of(20), relation=Relation.CHILD)
    assert everything() == before
    assert claim(actor, name="王小宝", number=number_of(20), relation=Relation.CHILD, now=NOW + timedelta(hours=24))


def test_an_account_has_one_holder(actor):
    claim(actor)
    before = everything()
    with pytest.raises(RelationTaken) as refused:
        claim(actor, name="王敏", number=MIN_NUMBER, relation=Relation.SELF)
    assert set(refused.value.fields) == {"relation"}
    assert everything() == before
    assert claim(actor, name="王敏", number=MIN_NUMBER, relation=Relation.CHILD)


def test_only_an_account_claims(actor, county):
    before = everything()
    with pytest.raises(NotAllowed):
        claim(staff_actor("clerk", county.hospital_id))
    with pytest.raises(NotAllowed):
        claim(SYSTEM)
    assert everything() == before


def test_a_link_is_ended_by_its_account_the_person_or_a_desk_and_by_nobody_else(actor, county):
    person_id = resident(county.hospital_id)
    claim(actor, relation=Relation.PARENT)
    link_id = queries.account_people(actor, now=NOW)[0].link_id
    stranger = signed_in(OTHER_PHONE)
    claim(stranger)  # the right words, but only claimed
    before = everything()
    for nobody in (stranger, staff_actor("doctor", county.root_id)):
        with pytest.raises(NotFound):
            actions.end_link(actor=nobody, now=NOW, link_id=link_id, organization_id=county.hospital_id)
    assert everything() == before
    verify(stranger, person_id, county.hospital_id)  # now it is the person's own, proven account
    actions.end_link(actor=stranger, now=NOW, link_id=link_id)
    assert queries.facts_link(actor.id, person_id) is None
    assert seen_by(actor) == []
    with pytest.raises(NotFound):
        actions.end_link(actor=stranger, now=NOW, link_id=link_id)
    claim(actor, relation=Relation.PARENT)
    again = queries.account_people(actor, now=NOW)[0].link_id
    actions.end_link(actor=staff_actor("clerk", county.hospital_id), now=NOW, link_id=again, organization_id=county.hospital_id)
    assert seen_by(actor) == []


@pytest.mark.race
@pytest.mark.django_db(transaction=True)
def test_many_accounts_claim_one_unknown_number_at_once_and_one_person_comes_of_it():
    actors = [signed_in(f"1200000010{index}") for index in range(6)]
    barrier = Barrier(len(actors))
    people = []

    def try_it(actor):
        try:
            barrier.wait()
            people.append(claim(actor))
        finally:
            connection.close()

    threads = [Thread(target=try_it, args=(actor,)) for actor in actors]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(people) == 6
    assert len(set(people)) == 1
    assert models.Person.objects.count() == 1


@pytest.mark.race
@pytest.mark.django_db(transaction=True)
def test_the_family_limit_holds_against_simultaneous_claims():
    actor = signed_in()
    barrier = Barrier(10)
    outcomes = []

    def try_it(index):
        try:
            barrier.wait()
            claim(actor, name="王小宝", number=number_of(index), relation=Relation.CHILD)
            outcomes.append("linked")
        except FamilyFull:
            outcomes.append("full")
        finally:
            connection.close()

    threads = [Thread(target=try_it, args=(index,)) for index in range(10)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(outcomes) == ["full"] * 2 + ["linked"] * 8
    assert models.AccountLink.objects.filter(ended_at=None).count() == 8


def test_the_database_itself_refuses_a_number_of_two_people(actor, county):
    claim(actor)
    disputed = claim(signed_in(OTHER_PHONE), name="王大山")
    with pytest.raises(Exception, match="number_of_one_person"):
        models.Identifier.objects.filter(person_id=disputed).update(status=IdentifierStatus.CLAIMED)
