from datetime import timedelta
from threading import Barrier, Thread

import pytest
from django.db import connection

from jiuyi.domains.identity import actions, models, queries
from jiuyi.domains.identity.words import LinkLevel, LoginLocked, PhoneNotTaken, TooManyCodes, WrongCode
from jiuyi.foundation import notices
from tests.actions.identity.tables import everything, raw
from tests.factories.institutions import NOW
from tests.factories.people import DEVICE, claim, sent_code, signed_in, verify

PHONE = "12000000001"
OTHER = "12000000002"
SECOND = timedelta(seconds=1)


def ask(phone=PHONE, *, now=NOW, device=DEVICE):
    actions.request_login_code(phone=phone, device=device, now=now)


def sign_in(code, phone=PHONE, *, now=NOW, device=DEVICE):
    return actions.sign_in_with_code(phone=phone, code=code, device=device, now=now)


def wrong(code):
    return f"{(int(code) + 1) % 10**6:06d}"


def notices_posted():
    return len(notices.outbox(limit=1000))


@pytest.fixture
def code(county):
    ask()
    return sent_code(PHONE)


def test_a_code_opens_the_account_and_opens_it_once(code):
    account_id = sign_in(code)
    assert queries.account(account_id).phone_hint == "0001"
    before = everything()
    with pytest.raises(WrongCode):
        sign_in(code)
    assert models.Account.objects.count() == 1
    assert everything()["Account"] == before["Account"]


def test_the_next_sign_in_finds_the_same_account(code):
    first = sign_in(code)
    ask(now=NOW + timedelta(minutes=2))
    assert sign_in(sent_code(PHONE), now=NOW + timedelta(minutes=2)) == first


@pytest.mark.parametrize("typed", [" {0} ", "{1} {2}", "{full}"])
def test_a_code_may_be_typed_with_blanks_or_full_width(code, typed):
    full = code.translate({ord("0") + n: ord("０") + n for n in range(10)})
    assert sign_in(typed.format(code, code[:3], code[3:], full=full))


@pytest.mark.parametrize(
    ("_case", "after", "opens"),
    [
        ("at once", timedelta(0), True),
        ("one second before five minutes", timedelta(minutes=5) - SECOND, True),
        ("at five minutes", timedelta(minutes=5), False),
        ("from the future", -SECOND, False),
    ],
)
def test_how_long_a_code_lives(code, _case, after, opens):
    if opens:
        assert sign_in(code, now=NOW + after)
    else:
        with pytest.raises(WrongCode):
            sign_in(code, now=NOW + after)
        assert models.Account.objects.count() == 0


def test_only_the_newest_code_opens(code):
    ask(now=NOW + timedelta(minutes=1))
    if sent_code(PHONE) == code:
        pytest.fail("two random codes were equal: once in a million runs")
    with pytest.raises(WrongCode):
        sign_in(code, now=NOW + timedelta(minutes=1))


def test_a_code_fits_one_phone_only(code):
    with pytest.raises(WrongCode):
        sign_in(code, OTHER)


def test_the_fifth_wrong_code_locks_for_fifteen_minutes_even_against_the_right_one(code):
    for _ in range(4):
        with pytest.raises(WrongCode):
            sign_in(wrong(code))
    with pytest.raises(LoginLocked) as locked:
        sign_in(wrong(code))
    assert locked.value.data == {"minutes": 15}
    with pytest.raises(LoginLocked) as locked:
        sign_in(code, now=NOW + timedelta(minutes=14, seconds=30))
    assert locked.value.data == {"minutes": 1}
    assert models.Account.objects.count() == 0
    later = NOW + timedelta(minutes=15)
    with pytest.raises(WrongCode):
        sign_in(code, now=later)
    ask(now=later)
    assert sign_in(sent_code(PHONE), now=later)


def test_a_right_code_forgets_four_wrong_ones(code):
    for _ in range(4):
        with pytest.raises(WrongCode):
            sign_in(wrong(code))
    sign_in(code)
    with pytest.raises(WrongCode):
        sign_in(wrong(code))


def test_a_new_code_does_not_give_five_new_tries(code):
    for _ in range(4):
        with pytest.raises(WrongCode):
            sign_in(wrong(code))
    later = NOW + timedelta(minutes=2)
    ask(now=later)
    with pytest.raises(LoginLocked):
        sign_in(wrong(sent_code(PHONE)), now=later)


def test_nothing_is_sent_while_locked_and_nobody_is_told(code):
    for _ in range(5):
        with pytest.raises((WrongCode, LoginLocked)):
            sign_in(wrong(code))
    sent = notices_posted()
    assert ask(now=NOW + timedelta(minutes=3)) is None
    assert notices_posted() == sent


def test_known_and_unknown_phones_get_the_same_answer_and_the_same_rows(county):
    signed_in(PHONE)
    later = NOW + timedelta(minutes=2)

    def written(phone):
        before = {name: len(rows) for name, rows in everything().items()}
        assert ask(phone, now=later, device=f"device of {phone}") is None
        return {name: len(rows) - before[name] for name, rows in everything().items()}

    known, unknown = written(PHONE), written(OTHER)
    assert {**known, "LoginGuard": 0} == {**unknown, "LoginGuard": 0}
    refusals = []
    for phone in (PHONE, OTHER, "12000000003"):  # known, unknown with a code, unknown without one
        with pytest.raises(WrongCode) as refused:
            sign_in("abcdef", phone, now=later)
        refusals.append((refused.value.code, refused.value.data, refused.value.fields))
    assert refusals[0] == refusals[1] == refusals[2]


def test_one_code_a_minute_and_five_an_hour_then_silence(county):
    sent = []
    for seconds in (0, 59, 60, 120, 180, 240, 300, 3599, 3600):
        ask(now=NOW + timedelta(seconds=seconds))
        sent.append(notices_posted())
    assert sent == [1, 1, 2, 3, 4, 5, 5, 5, 6]


def test_a_device_may_ask_twenty_times_an_hour(county):
    for number in range(20):
        ask(f"1200000{number:04d}", now=NOW + timedelta(minutes=number))
    before = everything()
    with pytest.raises(TooManyCodes) as refused:
        ask("12000009999", now=NOW + timedelta(minutes=20))
    assert refused.value.data == {"minutes": 40}
    assert {k: v for k, v in everything().items() if k != "LoginGuard"} == {k: v for k, v in before.items() if k != "LoginGuard"}
    ask("12000009999", now=NOW + timedelta(minutes=20), device="another device")
    ask("12000009998", now=NOW + timedelta(minutes=60))


def test_a_device_that_guesses_for_many_phones_is_locked_out(county):
    for number in range(20):
        with pytest.raises(WrongCode):
            sign_in("000000", f"1200000{number:04d}")
    with pytest.raises(LoginLocked):
        sign_in("000000", "12000009999")
    with pytest.raises(WrongCode):
        sign_in("000000", "12000009999", device="another device")


@pytest.mark.parametrize("phone", ["", "123", "1380000123x"])
def test_a_wrong_phone_is_named_and_nothing_happens(county, phone):
    before = everything()
    with pytest.raises(PhoneNotTaken):
        ask(phone)
    with pytest.raises(PhoneNotTaken):
        sign_in("000000", phone)
    assert everything() == before
    assert notices_posted() == 0


def test_neither_phone_nor_code_stands_in_a_table(code):
    sign_in(code)
    for table in ("identity_account", "identity_logincode", "identity_loginattempt", "identity_loginguard"):
        stored = raw(table)
        for secret in (PHONE, code):
            assert secret.encode() not in stored
            assert secret.encode().hex().encode() not in stored


@pytest.mark.parametrize(
    ("_case", "idle", "level"),
    [("ninety days", timedelta(days=90), LinkLevel.VERIFIED), ("longer", timedelta(days=90, seconds=1), LinkLevel.CLAIMED)],
)
def test_a_phone_that_lay_idle_opens_nothing_until_a_desk_raises_it_again(county, _case, idle, level):
    actor = signed_in(PHONE)
    person_id = claim(actor)
    verify(actor, person_id, county.hospital_id)
    assert queries.facts_link(actor.id, person_id) is LinkLevel.VERIFIED
    again = signed_in(PHONE, now=NOW + idle)
    assert again.id == actor.id
    assert queries.facts_link(actor.id, person_id) is level


@pytest.mark.race
@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("round_", range(3))
def test_two_sign_ins_with_one_code_and_one_of_them_opens(round_):
    ask()
    code = sent_code(PHONE)
    barrier = Barrier(8)
    outcomes = []

    def try_it():
        try:
            barrier.wait()
            outcomes.append(sign_in(code))
        except (WrongCode, LoginLocked) as refusal:
            outcomes.append(refusal.code)
        finally:
            connection.close()

    threads = [Thread(target=try_it) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(outcomes) == 8
    assert sum(not isinstance(outcome, str) for outcome in outcomes) == 1
    assert models.Account.objects.count() == 1
