"""The family: what is typed is kept, what is wrong is said, and nobody's record opens by typing."""

import pytest
from django.urls import reverse

from jiuyi.domains.identity import queries
from jiuyi.domains.identity.words import Certainty
from tests.factories import people
from tests.factories.clinic_day import NOW

pytestmark = pytest.mark.django_db
ADD = reverse("patient:add_person")
GOOD = {"name": "王小明", "relation": "child", "id_type": "01", "number": people.MIN_NUMBER, "sex": "", "birth_date": ""}


def family(day):
    return [(each.typed_name, each.level) for each in queries.account_people(day.account, now=NOW)]


@pytest.fixture
def typed(phone):
    """The form as a browser would send it: the real values of the choices."""
    page = phone.get(ADD).context["form"]
    values = {name: page.fields[name].choices for name in ("relation", "id_type")}
    return GOOD | {"relation": str(values["relation"][3][0]), "id_type": str(values["id_type"][0][0])}


@pytest.mark.catalogue("C5", part="a person is entered with a name and a paper; typing opens no record")
def test_somebody_is_added_as_claimed(day, phone, typed):
    answer = phone.post(ADD, typed)

    assert answer.url == reverse("patient:people")
    assert ("王小明", Certainty.CLAIMED) in family(day)


@pytest.mark.parametrize(
    ("_case", "change", "words"),
    [
        ("no name", {"name": ""}, "请填写就诊人的姓名。"),
        ("no number", {"number": ""}, "请填写证件号码。"),
        ("no relation", {"relation": ""}, "请选择与您的关系。"),
        ("a wrong check character", {"number": people.MIN_NUMBER[:-1] + "1"}, "身份证"),
        ("a date nobody can read", {"birth_date": "昨天"}, "日期请写成"),
    ],
)
def test_what_is_wrong_is_said_twice_and_everything_typed_is_kept(day, phone, typed, _case, change, words):
    before = family(day)
    sent = typed | change

    answer = phone.post(ADD, sent)

    page = answer.content.decode()
    assert answer.status_code == 422
    assert page.count(words) >= 2
    for name in ("name", "number", "birth_date"):
        assert not sent[name] or f'value="{sent[name]}"' in page
    assert family(day) == before


def test_a_name_of_markup_stays_text(day, phone, typed):
    phone.post(ADD, typed | {"name": "<script>x</script>"})
    phone.post(ADD, typed | {"name": "<script>x</script>", "number": ""})

    for address in (reverse("patient:people"), reverse("patient:book_who"), reverse("patient:home")):
        assert "<script>x" not in phone.get(address).content.decode()
    assert "<script>x" not in phone.post(ADD, typed | {"name": "<script>x</script>", "number": ""}).content.decode()


def test_verified_and_claimed_are_told_apart_and_the_way_is_said(day, phone):
    page = phone.get(reverse("patient:people")).content.decode()

    assert "已核验" in page
    assert "未核验" in page
    assert "服务台" in page


def test_removing_somebody_ends_the_link_only_by_post(day, phone):
    address = reverse("patient:remove_person", args=[day.mother_id])
    assert phone.get(address).status_code == 405

    assert phone.post(address).url == reverse("patient:people")
    assert [name for name, _ in family(day)] == ["李秀兰"]


def test_nobody_elses_page_sends_on_to_another_site(day, phone, typed):
    answer = phone.post(ADD, typed | {"next": "https://evil.test/"})

    assert answer.url == reverse("patient:people")
