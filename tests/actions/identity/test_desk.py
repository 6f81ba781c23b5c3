import time
from datetime import date, timedelta

import pytest

from jiuyi.domains.identity import actions, models, queries
from jiuyi.domains.identity.words import (
    Certainty,
    Credential,
    CredentialProvesNothing,
    IdentifierStatus,
    IdentifierType,
    LinkLevel,
    NewPerson,
    NumberHeldByAnother,
    PersonNotTaken,
    PhoneNotTaken,
    Relation,
    Sex,
)
from jiuyi.foundation import journal, vault
from jiuyi.foundation.access import SYSTEM
from jiuyi.kernel.refusals import NotAllowed, NotFound
from tests.actions.identity.tables import everything, raw
from tests.factories.institutions import NOW, staff_actor
from tests.factories.people import LI_NUMBER, MIN_NUMBER, claim, id_number, resident, signed_in

PHONE = "12000000077"
ADDRESS = "柳河镇杏林路7号"


@pytest.fixture
def clerk(county):
    return staff_actor("clerk", county.hospital_id)


def register(actor, county, **changes):
    entry = {
        "name": "李秀兰",
        "sex": Sex.FEMALE,
        "birth_date": None,
        "id_type": IdentifierType.RESIDENT_ID,
        "number": LI_NUMBER,
        "phone": PHONE,
        "village": "柳河村",
        "address": ADDRESS,
    }
    return actions.register_person(actor=actor, now=NOW, organization_id=county.hospital_id, **{**entry, **changes})


def names(person_id):
    return [row.name for row in journal.entries_of_person(person_id)]


def test_a_clerk_registers_a_person(clerk, county):
    person_id = register(clerk, county)
    facts = queries.facts_person(person_id)
    assert (facts.name, facts.birth_date, facts.village, facts.certainty) == (
        "李秀兰",
        date(1949, 3, 7),
        "柳河村",
        Certainty.CLAIMED,
    )
    assert queries.facts_phone(person_id)[1] == "120****0077"
    assert names(person_id) == ["identity.PersonRegistered"]


def test_no_number_phone_or_address_stands_in_a_table(clerk, county):
    person_id = register(clerk, county, number="109900490307122")
    stored = raw("identity_person") + raw("identity_identifier") + raw("identity_contact") + raw("foundation_journalentry")
    for secret in (LI_NUMBER, "109900490307122", PHONE, ADDRESS):
        assert secret.encode() not in stored
        assert secret.encode().hex().encode() not in stored
    person = models.Person.objects.get(pk=person_id)
    number = models.Identifier.objects.get(type="01")
    assert vault.decrypt(person.wrapped_key, number.number_encrypted, purpose="identity.number") == LI_NUMBER
    assert (number.last_four, models.Contact.objects.get().phone_hint) == ("1221", "0077")


def test_two_people_have_two_keys(clerk, county):
    register(clerk, county)
    register(clerk, county, name="王敏", sex=Sex.MALE, number=MIN_NUMBER)
    one, other = models.Person.objects.all()
    assert bytes(one.wrapped_key) != bytes(other.wrapped_key)
    with pytest.raises(vault.VaultError):
        vault.decrypt(one.wrapped_key, models.Contact.objects.get(person=other).phone_encrypted, purpose="identity.phone")


@pytest.mark.parametrize(
    ("_case", "changes"),
    [
        ("exactly so", {}),
        ("old fifteen digits", {"number": "109900490307122"}),
        ("sex not asked", {"sex": Sex.UNKNOWN}),
        ("blanks", {"name": "李 秀兰", "number": "109900 19490307 1221"}),
    ],
)
def test_the_same_number_and_name_is_the_same_person(clerk, county, _case, changes):
    first = register(clerk, county)
    assert register(clerk, county, **changes) == first
    assert models.Person.objects.count() == 1


def test_who_came_with_fifteen_digits_is_found_by_eighteen(clerk, county):
    first = register(clerk, county, number="109900490307122")
    assert register(clerk, county) == first
    assert queries.find_by_identifier(IdentifierType.RESIDENT_ID, "109900490307122") == first
    assert {row.type for row in models.Identifier.objects.all()} == {"01", "15"}


def test_a_new_phone_is_added_and_nothing_known_is_overwritten(clerk, county):
    person_id = register(clerk, county)
    register(clerk, county, phone="12000000078", village="别处", address="别处")
    facts = queries.facts_person(person_id)
    assert facts.village == "柳河村"
    assert queries.open_person(clerk, person_id, now=NOW).phones == ("120****0077", "120****0078")


@pytest.mark.parametrize("changes", [{"name": "李秀英"}, {"name": "王小宝"}])
def test_the_same_number_with_another_name_is_a_separate_disputed_person(clerk, county, changes):
    first = register(clerk, county)
    second = register(clerk, county, **changes)
    assert second != first
    assert queries.facts_person(second).id_disputed
    assert names(second) == ["identity.PersonRegistered", "identity.MatchQuestioned"]
    assert queries.count_open_reviews() == 1


def test_without_papers_care_is_given_and_the_person_stays_unverified(clerk, county):
    person_id = register(clerk, county, id_type=None, number=None, phone=None, credential=Credential.VERBAL, sex=Sex.UNKNOWN)
    facts = queries.facts_person(person_id)
    assert (facts.certainty, facts.id_type, facts.id_last_four, facts.birth_date) == (Certainty.CLAIMED, None, "", None)


def test_without_a_number_nothing_is_merged_and_a_human_is_asked(clerk, county):
    bare = {"id_type": None, "number": None, "birth_date": date(2026, 2, 20), "name": "李秀兰之子", "sex": Sex.MALE}
    first = register(clerk, county, **bare)
    second = register(clerk, county, **bare)
    assert first != second
    assert models.MatchReview.objects.get().why == "looks_alike"
    register(clerk, county, **{**bare, "name": "李秀兰之女", "sex": Sex.FEMALE})
    assert models.MatchReview.objects.count() == 1


@pytest.mark.parametrize(
    ("_case", "changes", "fields"),
    [
        ("name", {"name": "<b>"}, {"name"}),
        ("number", {"number": "109900194903071222"}, {"number"}),
        ("phone", {"phone": "123"}, {"phone"}),
        ("sex against the number", {"sex": Sex.MALE}, {"sex"}),
        ("all at once", {"name": "", "number": "1", "phone": "1"}, {"name", "number", "phone"}),
    ],
)
def test_a_wrong_entry_is_refused_whole(clerk, county, _case, changes, fields):
    before = everything()
    with pytest.raises(PersonNotTaken) as refused:
        register(clerk, county, **changes)
    assert set(refused.value.fields) == fields
    assert everything() == before


@pytest.mark.parametrize(("role", "where"), [("porter", "hospital_id"), ("doctor", "root_id"), ("clerk", "township_id")])
def test_only_a_registration_desk_of_this_institution_registers(county, role, where):
    before = everything()
    with pytest.raises(NotAllowed):
        register(staff_actor(role, getattr(county, where)), county)
    assert everything() == before


def test_the_desk_verifies_a_person_and_raises_the_chosen_link_only(clerk, county):
    actor, other = signed_in(), signed_in("12000000002")
    person_id = claim(actor)
    claim(other, relation=Relation.PARENT)
    chosen = next(row for row in queries.links_of_person(clerk, person_id) if row.account_id == actor.id)
    actions.verify_person(
        actor=clerk,
        now=NOW,
        person_id=person_id,
        organization_id=county.hospital_id,
        credential=Credential.ID_CARD,
        link_ids=[chosen.link_id],
    )
    assert queries.facts_person(person_id).certainty is Certainty.VERIFIED
    assert queries.facts_link(actor.id, person_id) is LinkLevel.VERIFIED
    assert queries.facts_link(other.id, person_id) is LinkLevel.CLAIMED
    assert models.Identifier.objects.get().status == IdentifierStatus.VERIFIED
    assert names(person_id)[-2:] == ["identity.PersonVerified", "identity.LinkRaised"]


def verify_at(actor, county, person_id, credential=Credential.ID_CARD, link_ids=()):
    actions.verify_person(
        actor=actor,
        now=NOW,
        person_id=person_id,
        organization_id=county.hospital_id,
        credential=credential,
        link_ids=link_ids,
    )


@pytest.mark.parametrize("credential", [Credential.VERBAL, Credential.NONE, Credential.BOOKING_VOUCHER, Credential.EXPIRED_CARD])
def test_what_proves_nothing_raises_nothing(clerk, county, credential):
    person_id = claim(signed_in())
    before = everything()
    with pytest.raises(CredentialProvesNothing):
        verify_at(clerk, county, person_id, credential)
    assert everything() == before


def test_verification_needs_the_right_desk_the_right_links_and_a_person(clerk, county):
    actor = signed_in()
    person_id = claim(actor)
    stranger_id = claim(actor, name="王敏", number=MIN_NUMBER, relation=Relation.SPOUSE)
    (foreign,) = queries.links_of_person(clerk, stranger_id)
    before = everything()
    with pytest.raises(NotFound):
        verify_at(clerk, county, person_id, link_ids=[foreign.link_id])
    with pytest.raises(NotFound):
        verify_at(clerk, county, clerk.id)
    for nobody in (staff_actor("doctor", county.root_id), staff_actor("clerk", county.township_id), actor):
        with pytest.raises(NotAllowed):
            verify_at(nobody, county, person_id)
        if nobody.grants != frozenset() and "clerk" in {grant.role for grant in nobody.grants}:
            continue
        with pytest.raises(NotAllowed):
            queries.links_of_person(nobody, person_id)
    assert everything() == before


def test_a_shown_card_takes_the_number_from_who_only_typed_it(clerk, county):
    squatter = claim(signed_in(), name="王大山")
    owner = register(clerk, county)
    assert queries.facts_person(owner).id_disputed
    verify_at(clerk, county, owner)
    assert not queries.facts_person(owner).id_disputed
    assert queries.facts_person(squatter).id_disputed
    assert queries.find_by_identifier(IdentifierType.RESIDENT_ID, LI_NUMBER) == owner
    assert "identity.NumberTaken" in names(owner)


def test_a_number_verified_for_another_is_left_to_humans(clerk, county):
    owner = register(clerk, county, credential=Credential.ID_CARD)
    second = register(clerk, county, name="李秀英", credential=Credential.ID_CARD)
    assert queries.facts_person(second).certainty is Certainty.CLAIMED
    before = everything()
    with pytest.raises(NumberHeldByAnother):
        verify_at(clerk, county, second)
    assert everything() == before
    assert queries.find_by_identifier(IdentifierType.RESIDENT_ID, LI_NUMBER) == owner


@pytest.mark.parametrize("known", [False, True])
def test_a_card_shown_at_registration_verifies_at_once(clerk, county, known):
    if known:
        register(clerk, county)
    person_id = register(clerk, county, credential=Credential.ID_CARD)
    assert queries.facts_person(person_id).certainty is Certainty.VERIFIED
    assert models.Identifier.objects.get().status == IdentifierStatus.VERIFIED


def test_contacts(clerk, county):
    person_id = resident(county.hospital_id)
    assert queries.facts_phone(person_id) is None
    add = {"actor": clerk, "now": NOW, "person_id": person_id, "organization_id": county.hospital_id}
    first = actions.add_contact(phone="120 0000 0077", relation=Relation.CHILD, rank=1, **add)
    assert actions.add_contact(phone=PHONE, relation=Relation.SELF, rank=2, **add) == first
    actions.add_contact(phone="0635-8212345", **add)
    assert queries.facts_phone(person_id)[1] == "063****2345"
    before = everything()
    with pytest.raises(PhoneNotTaken):
        actions.add_contact(phone="1", **add)
    with pytest.raises(NotFound):
        actions.add_contact(phone=PHONE, **{**add, "person_id": clerk.id})
    with pytest.raises(NotAllowed):
        actions.add_contact(phone=PHONE, **{**add, "actor": staff_actor("porter", county.root_id)})
    assert everything() == before


def entry(index, **changes):
    sex = Sex.MALE if index % 2 else Sex.FEMALE
    birth = date(1940, 1, 1) + timedelta(days=index * 9)
    values = {
        "name": f"{'王李张刘陈'[index % 5]}{'秀英兰国强'[index % 4]}{'华芳明军'[index % 3]}",
        "sex": sex,
        "birth_date": birth,
        "id_type": IdentifierType.RESIDENT_ID,
        "number": id_number(birth, serial=index % 100, sex=sex),
        "phone": f"1200{index:07d}",
        "village": "柳河村",
        "address": ADDRESS,
        "credential": Credential.ID_CARD,
    }
    return NewPerson(**{**values, **changes})


def test_three_thousand_people_are_entered_in_seconds(county):
    started = time.monotonic()
    ids = actions.register_people(
        actor=SYSTEM, now=NOW, organization_id=county.hospital_id, entries=[entry(index) for index in range(3000)]
    )
    seconds = time.monotonic() - started
    assert len(set(ids)) == models.Person.objects.count() == queries.count_people() == 3000
    assert models.Identifier.objects.filter(status=IdentifierStatus.VERIFIED).count() == 3000
    assert seconds < 15


def test_many_at_once_follow_the_same_rules(clerk, county):
    ids = actions.register_people(
        actor=clerk,
        now=NOW,
        organization_id=county.hospital_id,
        entries=[
            entry(1),
            entry(1, phone="12000009999"),
            entry(1, name="另一人", credential=None),
            entry(2, id_type=None, number=None),
            entry(3, id=clerk.id),
        ],
    )
    assert ids[0] == ids[1]
    assert ids[4] == clerk.id
    assert len(set(ids)) == 4
    assert queries.facts_person(ids[2]).id_disputed
    assert models.Contact.objects.filter(person_id=ids[0]).count() == 2


def test_one_faulty_entry_of_many_refuses_all_and_is_named(clerk, county):
    before = everything()
    with pytest.raises(PersonNotTaken) as refused:
        actions.register_people(
            actor=clerk,
            now=NOW,
            organization_id=county.hospital_id,
            entries=[entry(0), entry(1, name=""), entry(2, number="1", phone="1")],
        )
    assert set(refused.value.fields) == {"entries[1].name", "entries[2].number", "entries[2].phone"}
    assert everything() == before
