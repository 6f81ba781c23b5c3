"""Signing in: the same answer for every number, few tries, no way out to another site."""

from datetime import timedelta

import pytest
from django.test import Client
from django.urls import reverse

from jiuyi.desks.requests import PATIENT_SESSION_KEY
from jiuyi.foundation import notices
from tests.factories import people
from tests.factories.clinic_day import NOW, PHONE

pytestmark = pytest.mark.django_db
PHONE_PAGE, CODE_PAGE = reverse("patient:sign_in"), reverse("patient:code")


def codes_sent():
    return len([row for row in notices.outbox(limit=100) if row.template == "identity.login_code"])


def ask_code(phone, number=PHONE, **more):
    return phone.post(PHONE_PAGE, {"phone": number, **more})


def test_a_code_signs_in_and_leads_on():
    phone = Client()
    assert ask_code(phone, next="/appointments/").url == CODE_PAGE

    answer = phone.post(CODE_PAGE, {"code": people.sent_code(PHONE)})

    assert answer.url == "/appointments/"
    assert phone.session[PATIENT_SESSION_KEY]
    assert phone.get(answer.url).status_code == 200


def test_known_and_unknown_numbers_get_the_same_answer(hour):
    people.signed_in(PHONE, now=NOW - timedelta(days=1))

    answers = []
    for number in (PHONE, "12000000099"):
        phone = Client()
        first = ask_code(phone, number)
        page = phone.get(CODE_PAGE).content.decode()
        answers.append((first.status_code, first.url, page.replace(number[-4:], "").replace(_token(page), "")))

    assert answers[0] == answers[1]


def _token(page):
    return page.split('name="csrfmiddlewaretoken" value="')[1].split('"')[0]


def test_the_number_waits_sealed_until_the_code_comes(settings):
    settings.SESSION_COOKIE_SECURE = True
    phone = Client()

    answer = ask_code(phone)

    assert PHONE not in str(dict(phone.session))
    assert PHONE[-4:] in phone.get(CODE_PAGE).content.decode()
    assert answer.cookies["device"]["secure"]


def test_a_session_that_cannot_be_read_any_more_begins_again(settings):
    phone = Client()
    ask_code(phone)
    settings.JIUYI_MASTER_KEYS = {"other": b"x" * 32}

    assert phone.get(CODE_PAGE).url == PHONE_PAGE


def test_a_signed_in_session_begins_anew():
    phone = Client()
    ask_code(phone)
    before = phone.session.session_key

    phone.post(CODE_PAGE, {"code": people.sent_code(PHONE)})

    assert phone.session.session_key != before


@pytest.mark.parametrize(
    ("_case", "number", "words"),
    [
        ("nothing", "", "请填写手机号码。"),
        ("too short", "1200000", "请输入11位手机号码。"),
        ("letters", "abcdefghijk", "请输入11位手机号码。"),
    ],
)
def test_what_is_no_phone_number_is_refused_and_kept(_case, number, words):
    answer = ask_code(Client(), number)

    assert answer.status_code == 422
    page = answer.content.decode()
    assert page.count(words) >= 2  # in the summary and at the field
    assert f'value="{number}"' in page or not number
    assert codes_sent() == 0


def test_a_second_code_within_a_minute_is_not_sent(hour):
    phone = Client()
    ask_code(phone)
    ask_code(phone)
    assert codes_sent() == 1

    hour.now = NOW + timedelta(seconds=61)
    ask_code(phone)
    assert codes_sent() == 2


def test_one_device_cannot_ask_for_codes_without_end(hour):
    phone = Client()
    answers = [ask_code(phone, f"120000001{number:02d}") for number in range(21)]

    assert [answer.status_code for answer in answers[:20]] == [302] * 20
    assert answers[20].status_code == 422
    assert "过于频繁" in answers[20].content.decode()
    assert codes_sent() == 20


def test_wrong_codes_are_refused_and_five_of_them_lock(hour):
    phone = Client()
    ask_code(phone)
    right = people.sent_code(PHONE)
    wrong = f"{(int(right) + 1) % 1000000:06d}"

    for _ in range(5):
        answer = phone.post(CODE_PAGE, {"code": wrong})
        assert answer.status_code == 422
    locked = phone.post(CODE_PAGE, {"code": right})

    assert "验证码错误次数过多" in locked.content.decode()
    assert PATIENT_SESSION_KEY not in phone.session

    hour.now = NOW + timedelta(minutes=16)
    ask_code(phone)
    assert phone.post(CODE_PAGE, {"code": people.sent_code(PHONE)}).status_code == 302


def test_a_code_is_old_after_five_minutes(hour):
    phone = Client()
    ask_code(phone)
    hour.now = NOW + timedelta(minutes=5, seconds=1)

    answer = phone.post(CODE_PAGE, {"code": people.sent_code(PHONE)})

    assert answer.status_code == 422
    assert "已过期" in answer.content.decode()


def test_the_code_page_without_a_number_goes_back():
    assert Client().get(CODE_PAGE).url == PHONE_PAGE


@pytest.mark.parametrize("target", ["https://evil.test/", "//evil.test/", "javascript:alert(1)", "/\\evil.test", "http:///evil.test"])
def test_nobody_is_sent_to_another_site(target):
    phone = Client()
    ask_code(phone, next=target)

    assert phone.post(CODE_PAGE, {"code": people.sent_code(PHONE)}).url == "/"


def test_signing_out_forgets(phone):
    phone.post(reverse("patient:sign_out"))

    assert phone.get(reverse("patient:appointments")).url.startswith(PHONE_PAGE)
    assert phone.get(reverse("patient:sign_out")).status_code == 405


def test_the_live_part_of_a_phone_that_was_signed_out_asks_for_the_whole_page():
    answer = Client().get(reverse("patient:steps"))

    assert (answer.status_code, answer.headers["HX-Refresh"]) == (204, "true")
