import pytest

from jiuyi.domains.identity import queries
from jiuyi.domains.identity.words import Relation, SearchTooShort, Sex
from jiuyi.foundation import audit
from jiuyi.foundation.audit import AuditKind
from jiuyi.kernel.refusals import NotAllowed
from tests.actions.identity.tables import everything
from tests.factories.institutions import NOW, staff_actor
from tests.factories.people import LI_NUMBER, MIN_NUMBER, claim, resident, signed_in

OTHER_LI = "109900196001010031"


@pytest.fixture
def clerk(county):
    return staff_actor("clerk", county.hospital_id)


@pytest.fixture
def people(county):
    return {
        "li": resident(county.hospital_id, phone="12000000077", village="柳河村"),
        "other li": resident(county.hospital_id, number=OTHER_LI, sex=Sex.MALE, phone="12000000078", village="杨庄村"),
        "shan": resident(county.hospital_id, name="单小明", number=MIN_NUMBER, sex=Sex.MALE),
        "ayi": resident(county.hospital_id, name="阿依古丽·买买提", number=None, village="柳河村"),
        "rare": resident(county.hospital_id, name="李\U0002c156", number=None),
    }


@pytest.mark.parametrize(
    ("_case", "text", "found"),
    [
        ("number", LI_NUMBER, {"li"}),
        ("number with blanks", "109900 19490307 1221", {"li"}),
        ("old number", "109900490307122", {"li"}),
        ("small x", MIN_NUMBER.lower(), {"shan"}),
        ("unknown number", "109900201506304581", set()),
        ("phone", "12000000077", {"li"}),
        ("phone with country code", "+86 120 0000 0078", {"other li"}),
        ("phone of a linked account", "12000000001", {"shan"}),
        ("unknown phone", "12000009999", set()),
        ("name", "李秀兰", {"li", "other li"}),
        ("start of a name", "李秀", {"li", "other li"}),
        ("name and last four", "李秀兰 1221", {"li"}),
        ("name and somebody's last four", "李秀兰 003x", set()),
        ("initials", "lxl", {"li", "other li"}),
        ("two initials, capitals", "LX", {"li", "other li"}),
        ("surname read in its own way", "sxm", {"shan"}),
        ("the surname's usual reading", "dxm", set()),
        ("name without its dot", "阿依古丽买买提", {"ayi"}),
        ("initials over the dot", "ayglm", {"ayi"}),
        ("rare character", "李\U0002c156", {"rare"}),
        ("a percent sign is no wildcard", "李%", set()),
    ],
)
def test_finds_people(clerk, county, people, _case, text, found):
    claim(signed_in(), name="单小明", number=MIN_NUMBER, relation=Relation.SELF)
    hits = queries.search_people(clerk, text, organization_id=county.hospital_id, now=NOW)
    assert {hit.person_id for hit in hits} == {people[name] for name in found}


def test_people_of_one_name_are_told_apart_without_unmasking(clerk, county, people):
    hits = queries.search_people(clerk, "李秀兰", organization_id=county.hospital_id, now=NOW)
    shown = [(hit.masked_name, hit.village, hit.age_text, hit.id_last_four, hit.phone_hint) for hit in hits]
    assert shown == [("李**", "杨庄村", "66岁", "0031", "0078"), ("李**", "柳河村", "76岁", "1221", "0077")]
    assert "秀兰" not in repr(hits)
    assert LI_NUMBER not in repr(hits)


def test_a_search_is_audited_without_its_text(clerk, county, people):
    queries.search_people(clerk, LI_NUMBER, organization_id=county.hospital_id, now=NOW)
    (row,) = audit.entries(kind=AuditKind.PRIVILEGED, actor_id=clerk.id)
    assert (row.act, row.reason, row.object_id) == ("identity.search_people", "number", str(county.hospital_id))


@pytest.mark.parametrize("text", ["", " ", "李", "l", "·", "李 1221"])
def test_a_search_says_enough(clerk, county, people, text):
    with pytest.raises(SearchTooShort) as refused:
        queries.search_people(clerk, text, organization_id=county.hospital_id, now=NOW)
    assert set(refused.value.fields) == {"text"}
    assert audit.entries(kind=AuditKind.PRIVILEGED, actor_id=clerk.id) == []


@pytest.mark.parametrize(("role", "where"), [("doctor", "hospital_id"), ("clerk", "township_id"), ("porter", "root_id")])
def test_only_a_desk_of_the_institution_searches(county, people, role, where):
    actor = staff_actor(role, getattr(county, where))
    before = everything()
    with pytest.raises(NotAllowed):
        queries.search_people(actor, "李秀兰", organization_id=county.hospital_id, now=NOW)
    assert everything() == before


def test_an_account_cannot_search(county, people):
    with pytest.raises(NotAllowed):
        queries.search_people(signed_in(), "李秀兰", organization_id=county.hospital_id, now=NOW)


def test_walls_get_masked_names(people):
    names = queries.wall_names([people["li"], people["shan"]])
    assert names == {people["li"]: "李*兰", people["shan"]: "单*明"}
