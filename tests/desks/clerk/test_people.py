"""Registering with and without papers; comparing a paper; which phones may look from then on."""

from uuid import UUID

import pytest

from jiuyi.domains.identity import queries
from jiuyi.domains.identity.words import Certainty
from jiuyi.domains.organizations.words import StaffRole
from jiuyi.foundation.access import SYSTEM
from jiuyi.kernel.ids import new_id
from tests.desks.clerk.conftest import signed_in
from tests.factories.people import LI_NUMBER, MIN_NUMBER

pytestmark = pytest.mark.django_db
REGISTER = "/desk/clerk/people/register/"


def person_in(browser):
    """The person whose page or booking is shown."""
    return UUID(browser.here.split("/people/")[1].split("/")[0])


def test_a_card_makes_the_person_verified(day, clerk):
    typed = {"name": "闵大海", "number": MIN_NUMBER.lower(), "credential": "id_card", "phone": "12000000009", "village": "上栎村"}
    clerk.open(REGISTER).press("登记并去挂号", **typed)
    facts = queries.facts_person(person_in(clerk))
    assert (facts.name, facts.certainty, facts.village, facts.id_last_four) == ("闵大海", Certainty.VERIFIED, "上栎村", MIN_NUMBER[-4:])
    assert clerk.here.endswith("/book/")
    assert "已登记" in clerk.text


@pytest.mark.parametrize(("_case", "credential"), [("a spoken name", "verbal"), ("unknown", "none"), ("an expired card", "expired_card")])
def test_without_papers_care_is_given_and_the_person_stays_unverified(day, clerk, _case, credential):
    clerk.open(REGISTER).press("登记并去挂号", name="小宝", credential=credential)
    facts = queries.facts_person(person_in(clerk))
    assert (facts.certainty, facts.id_type, facts.birth_date) == (Certainty.CLAIMED, None, None)


def test_a_second_press_registers_once(day, clerk):
    before = queries.count_people()
    key = str(new_id())
    for _ in range(2):
        clerk.open(REGISTER).press("登记并去挂号", name="小宝", credential="verbal", key=key)
    assert queries.count_people() == before + 1


def test_a_known_number_opens_the_known_person(day, clerk):
    before = queries.count_people()
    clerk.open(REGISTER).press("登记并去挂号", name="李秀兰", number=LI_NUMBER, credential="id_card")
    assert person_in(clerk) == day.person_id
    assert "以前登记过" in clerk.text
    assert queries.count_people() == before


def test_a_number_of_somebody_else_is_disputed_and_says_so(day, clerk):
    clerk.open(REGISTER).press("登记并去挂号", name="周全", number=LI_NUMBER, credential="verbal")
    assert person_in(clerk) != day.person_id
    assert queries.facts_person(person_in(clerk)).id_disputed
    assert "人工核对" in clerk.text


@pytest.mark.parametrize(
    ("_case", "changes", "words"),
    [
        ("no name", {"name": ""}, "请填写姓名"),
        ("nothing said about papers", {"credential": ""}, "请选择出示了什么"),
        ("a wrong digit", {"number": MIN_NUMBER[:-1] + "1"}, "校验不通过"),
        ("too short", {"number": "109900"}, "18位"),
        ("no date", {"birth_date": "昨天"}, "2020-05-01"),
        ("a birthday to come", {"birth_date": "2030-01-01"}, "还没有到"),
        ("another birthday than the card's", {"number": MIN_NUMBER, "birth_date": "1990-01-01"}, "与证件号码不一致"),
        ("no phone number", {"phone": "12"}, "手机号码"),
        ("a paper that is none", {"credential": "library_card"}, "library_card"),
    ],
)
def test_registering_refuses_with_help_and_keeps_what_was_typed(day, clerk, _case, changes, words):
    before = queries.count_people()
    typed = {"name": "闵大海", "credential": "id_card", "village": "上栎村"} | changes
    clerk.open(REGISTER).press("登记并去挂号", **typed)
    assert clerk.status == 422
    assert words in clerk.text
    assert clerk.field("village") == "上栎村"
    assert clerk.field("name") == typed["name"]
    assert queries.count_people() == before


def links(person_id):
    return {row.phone_hint: row.level for row in queries.links_of_person(SYSTEM, person_id)}


def test_the_chosen_phone_may_look_once_the_paper_was_compared(day, clerk):
    assert set(links(day.mother_id).values()) == {Certainty.CLAIMED}
    (row,) = queries.links_of_person(SYSTEM, day.mother_id)
    clerk.open(f"/desk/clerk/people/{day.mother_id}/")
    clerk.press("证件与本人相符", credential="id_card", links=str(row.link_id))
    assert "已核验身份" in clerk.text
    assert queries.facts_person(day.mother_id).certainty is Certainty.VERIFIED
    assert set(links(day.mother_id).values()) == {Certainty.VERIFIED}


def test_a_phone_that_was_not_chosen_stays_as_it_was(day, clerk):
    clerk.open(f"/desk/clerk/people/{day.mother_id}/").press("证件与本人相符", credential="id_card")
    assert queries.facts_person(day.mother_id).certainty is Certainty.VERIFIED
    assert set(links(day.mother_id).values()) == {Certainty.CLAIMED}


@pytest.mark.parametrize(
    ("_case", "typed", "words"),
    [
        ("no paper chosen", {"credential": ""}, "请选择核对了什么证件"),
        ("a spoken name proves nothing", {"credential": "verbal"}, "verbal"),
        ("somebody else's phone", {"credential": "id_card", "links": str(new_id())}, "已经解除关联"),
    ],
)
def test_verifying_refuses_and_changes_nothing(day, clerk, _case, typed, words):
    clerk.open(f"/desk/clerk/people/{day.mother_id}/").press("证件与本人相符", **typed)
    assert clerk.status == 422
    assert words in clerk.text
    assert queries.facts_person(day.mother_id).certainty is Certainty.CLAIMED
    assert set(links(day.mother_id).values()) == {Certainty.CLAIMED}


def test_who_registers_nobody_opens_nobody(day):
    doctor = signed_in("20008", StaffRole.DOCTOR, day.room.department_id)
    assert doctor.open(f"/desk/clerk/people/{day.mother_id}/").status == 403


def test_an_unknown_person_is_not_found(day, clerk):
    assert clerk.open(f"/desk/clerk/people/{new_id()}/").status == 404
