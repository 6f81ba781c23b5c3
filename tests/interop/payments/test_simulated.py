"""The simulated channel at its worst: whatever it does, one charge, one refund for what is too much, and a ledger that agrees."""

import json
from datetime import timedelta

import pytest
from django.urls import reverse

from jiuyi.domains.billing import actions as billing
from jiuyi.domains.billing import queries as bills
from jiuyi.domains.billing.words import ChargeStatus, PaymentChannel, PaymentProvider, PaymentRequest, PaymentStatus, ProviderReceipt
from jiuyi.domains.scheduling import queries as schedule
from jiuyi.domains.scheduling.words import AppointmentStatus
from jiuyi.foundation import audit, clock, files, ports
from jiuyi.foundation.access import SYSTEM
from jiuyi.foundation.audit import AuditKind
from jiuyi.interop.payments import callbacks, peer, simulated
from jiuyi.interop.payments.simulated import Misdeed, SimulatedProvider
from jiuyi.journeys import booking
from jiuyi.kernel.ids import new_id
from tests.factories import schedules
from tests.factories.schedules import NOW, PATIENT

pytestmark = pytest.mark.django_db
MINUTE = timedelta(minutes=1)
HOLD = timedelta(minutes=15)
FEN = 1500


@pytest.fixture
def now(monkeypatch):
    """The clock of the test, which can be moved."""
    state = {"now": NOW}
    monkeypatch.setattr(clock, "now", lambda: state["now"])

    def move(by: timedelta):
        state["now"] += by
        return state["now"]

    return move


@pytest.fixture
def visit(db, now, settings, tmp_path):
    """A held place, its charge and an open payment."""
    settings.JIUYI_HOME = tmp_path
    before = ports.port(PaymentProvider) if ports.is_provided(PaymentProvider) else None
    ports.provide(PaymentProvider, SimulatedProvider())
    clinic = schedules.clinic()
    person = schedules.person(clinic, name="诸葛明亮")
    taken = schedules.book(schedules.session(clinic), person, held_until=NOW + HOLD)
    charge_id = schedules.charge(clinic, person, source_id=taken.appointment_id)
    yield Visit(taken.appointment_id, charge_id, open_payment(charge_id))
    assert sum(bills.ledger_balance().values()) == 0
    assert bills.count_ledger_difference() == 0
    assert schedule.count_place_difference() == 0
    if before is not None:
        ports.provide(PaymentProvider, before)


def open_payment(charge_id, channel=PaymentChannel.WECHAT):
    return billing.open_payment(actor=PATIENT, now=NOW, charge_ids=[charge_id], channel=channel, idempotency_key=new_id())


class Visit:
    def __init__(self, appointment_id, charge_id, payment_id):
        self.appointment_id, self.charge_id, self.payment_id = appointment_id, charge_id, payment_id

    @property
    def outcome(self):
        """Appointment, charge, fen owed back to the payer but not yet sent, fen kept."""
        billing.send_due_refunds(actor=SYSTEM, now=clock.now())
        [charge] = bills.facts_charges_by_id([self.charge_id])
        kept = sum(fen for account, fen in bills.ledger_balance().items() if account.startswith("money."))
        given_back = sum(refund.amount_fen for refund in bills.facts_refunds([self.charge_id]))
        return schedule.facts_appointment(self.appointment_id).status, charge.status, kept, given_back


PAID_ONCE = (AppointmentStatus.BOOKED, ChargeStatus.PAID, FEN, 0)
PAID_ONE_BACK = (AppointmentStatus.BOOKED, ChargeStatus.PAID, FEN, FEN)
UNPAID = (AppointmentStatus.HELD, ChargeStatus.UNPAID, 0, 0)
EXPIRED_ALL_BACK = (AppointmentStatus.EXPIRED, ChargeStatus.CANCELLED, 0, FEN)


def at_the_cashier(client, visit, act):
    return client.post(cashier_url(visit.payment_id), {"act": act})


def cashier_url(payment_id):
    request = PaymentRequest(payment_id=payment_id, channel=PaymentChannel.WECHAT, amount_fen=FEN, expires_at=None)
    return SimulatedProvider().start(request, return_url="http://testserver/after/")


@pytest.mark.parametrize(
    ("_case", "act", "status", "outcome"),
    [
        ("paid", Misdeed.NONE, 302, PAID_ONCE),
        ("told twice", Misdeed.TOLD_TWICE, 302, PAID_ONCE),
        ("paid twice, told in the wrong order", Misdeed.PAID_TWICE, 302, PAID_ONE_BACK),
        ("wrong amount: refused", Misdeed.WRONG_AMOUNT, 422, UNPAID),
        ("forged: refused", Misdeed.FORGED, 422, UNPAID),
        ("payer gives up", "fail", 200, UNPAID),
        ("nonsense", "drink", 422, UNPAID),
    ],
)
def test_each_misdeed_at_the_cashier(client, visit, _case, act, status, outcome):
    response = at_the_cashier(client, visit, act)
    assert response.status_code == status
    if status == 302:
        assert response["Location"] == "http://testserver/after/"
    assert visit.outcome == outcome


def test_pressing_pay_again_and_again_is_one_charge(client, visit):
    for _ in range(3):
        at_the_cashier(client, visit, Misdeed.NONE)
    assert visit.outcome == (AppointmentStatus.BOOKED, ChargeStatus.PAID, FEN, 2 * FEN)
    assert peer.given_back(visit.payment_id) == 2 * FEN


def test_killed_while_it_takes_the_money_the_channel_still_tells_of_all_it_took(client, visit, now, monkeypatch):
    written = []
    write = files.write

    def die_at_the_second(name, content):
        written.append(name)
        if len(written) == 2:
            raise SystemExit
        return write(name, content)

    with monkeypatch.context() as patched:
        patched.setattr(files, "write", die_at_the_second)
        with pytest.raises(SystemExit):
            peer.take(visit.payment_id, FEN, now=clock.now(), tell_at=clock.now())
    at_the_cashier(client, visit, Misdeed.NONE)
    assert simulated.tell_what_is_due(now=now(MINUTE)) == 1
    assert visit.outcome == PAID_ONE_BACK
    held_by_the_channel = sum(transfer.amount_fen for transfer in peer.taken(visit.payment_id, now=now(MINUTE)))
    assert held_by_the_channel - peer.given_back(visit.payment_id) == FEN


def test_a_lost_call_back_is_asked_for(client, visit, now):
    at_the_cashier(client, visit, Misdeed.LOST)
    assert simulated.tell_what_is_due(now=now(MINUTE)) == 0
    assert simulated.ask_about_lost_payments(SimulatedProvider(), now=now(timedelta(0))) == 0  # too early to worry
    assert visit.outcome == UNPAID
    assert simulated.ask_about_lost_payments(SimulatedProvider(), now=now(2 * MINUTE)) == 1
    assert visit.outcome == PAID_ONCE
    assert simulated.ask_about_lost_payments(SimulatedProvider(), now=now(2 * MINUTE)) == 0


def test_a_receipt_that_is_refused_does_not_hold_up_the_others(client, visit, now):
    other = open_payment(schedules.charge(schedules.clinic(), schedules.person(schedules.clinic()), source_kind="order"))
    peer.take(other, FEN + 1, now=clock.now(), tell_at=None)  # newer, so it is asked about first
    at_the_cashier(client, visit, Misdeed.LOST)
    assert simulated.ask_about_lost_payments(SimulatedProvider(), now=now(3 * MINUTE)) == 1
    assert visit.outcome == PAID_ONCE


def test_money_that_was_taken_in_the_last_minute_and_never_told_comes_back(client, visit, now):
    now(HOLD - MINUTE / 2)
    at_the_cashier(client, visit, Misdeed.LOST)
    assert booking.expire_due(now=now(MINUTE)) == 1
    assert simulated.ask_about_lost_payments(SimulatedProvider(), now=now(MINUTE)) == 1
    assert visit.outcome == EXPIRED_ALL_BACK


def test_a_call_back_after_the_hold_ran_out_goes_back_by_itself(client, visit, now):
    at_the_cashier(client, visit, Misdeed.LATE)
    assert booking.expire_due(now=now(HOLD)) == 1
    assert simulated.ask_about_lost_payments(SimulatedProvider(), now=now(timedelta(0))) == 0  # the bank itself does not know yet
    assert simulated.tell_what_is_due(now=now(simulated.LATE - HOLD)) == 1
    assert visit.outcome == EXPIRED_ALL_BACK
    assert peer.given_back(visit.payment_id) == FEN
    assert simulated.tell_what_is_due(now=now(MINUTE)) == 0


def test_paying_at_the_cashier_after_the_place_was_lost_goes_back_by_itself(client, visit, now):
    assert booking.expire_due(now=now(HOLD)) == 1
    page = client.get(cashier_url(visit.payment_id))
    assert "这笔支付已关闭" in page.content.decode()
    at_the_cashier(client, visit, Misdeed.NONE)
    assert visit.outcome == EXPIRED_ALL_BACK


def test_older_and_newer_payment_both_paid_the_older_told_last(client, visit):
    older, newer = visit.payment_id, open_payment(visit.charge_id, PaymentChannel.ALIPAY)
    for payment_id in (newer, older):
        simulated.pay(payment_id, FEN, misdeed=Misdeed.NONE, now=clock.now())
    assert visit.outcome == PAID_ONE_BACK
    assert [r.payment_id for r in bills.facts_refunds([visit.charge_id])] == [older]


def post_callback(client, body: bytes, signature: str):
    return client.post(reverse("payments:callback"), body, content_type="application/json", headers={"X-Jiuyi-Signature": signature})


def test_the_door_for_call_backs(client, visit):
    body = callbacks.body_of(ProviderReceipt(visit.payment_id, "T1", FEN))
    for _ in range(2):
        assert post_callback(client, body, callbacks.signature_of(body)).json() == {"result": "ok"}
    assert visit.outcome == PAID_ONCE


@pytest.mark.parametrize(
    ("_case", "change", "sign", "status", "code"),
    [
        ("no signature", {}, lambda body: "", 403, "payments.forged_callback"),
        ("of other words", {}, lambda body: callbacks.signature_of(body + b" "), 403, "payments.forged_callback"),
        ("letters that no hash has", {}, lambda body: "签名", 403, "payments.forged_callback"),
        ("another amount", {"amount_fen": FEN + 1}, callbacks.signature_of, 422, "billing.amount_differs"),
        ("no number", {"amount_fen": "a lot"}, callbacks.signature_of, 422, "invalid"),
        ("a payment nobody opened", {"payment_id": str(new_id())}, callbacks.signature_of, 404, "not_found"),
        ("no payment", {"payment_id": None}, callbacks.signature_of, 422, "invalid"),
    ],
)  # fmt: skip
def test_what_the_door_refuses_changes_nothing_and_is_in_the_audit(client, visit, _case, change, sign, status, code):  # noqa: PLR0917  # the columns of the table
    body = json.dumps({"payment_id": str(visit.payment_id), "reference": "T1", "amount_fen": FEN} | change).encode()
    signature = sign(body)
    if not signature.isascii():
        signature = signature.encode().decode("latin-1")
    response = post_callback(client, body, signature)
    assert (response.status_code, response.json()) == (status, {"result": "refused", "code": code})
    assert visit.outcome == UNPAID


def test_words_nested_without_end_are_a_forged_call_back_like_any_other(client, visit):
    assert post_callback(client, b"[" * 100_000, "").status_code == 403


def test_call_backs_are_signed_with_the_payment_key_and_no_other(settings):
    before = callbacks.signature_of(b"words")
    settings.SECRET_KEY = "another"
    assert callbacks.signature_of(b"words") == before
    settings.JIUYI_PAYMENT_KEY = "another"
    assert callbacks.signature_of(b"words") != before


def test_the_cashier_shows_amount_and_institution_and_nothing_about_the_patient(client, visit):
    page = client.get(cashier_url(visit.payment_id)).content.decode()
    assert "15.00" in page
    assert "清河县人民医院" in page
    assert "模拟收银台" in page
    for secret in ("诸葛", "心血管", "周启明", "诊查费"):
        assert secret not in page
    assert client.get("/cashier/01a20acb-0000-7000-8000-000000000000/").status_code == 404


def test_the_way_back_must_be_signed_by_us(client, visit):
    response = client.post(f"/cashier/{visit.payment_id}/?back=http://elsewhere.example/", {"act": "pay"})
    assert (response.status_code, response["Location"]) == (302, "/")


def test_outside_the_demo_there_is_no_simulated_cashier(client, visit, settings):
    settings.DEMO = False
    assert client.get(cashier_url(visit.payment_id)).status_code == 404
    assert at_the_cashier(client, visit, Misdeed.NONE).status_code == 404
    body = callbacks.body_of(ProviderReceipt(visit.payment_id, "T1", FEN))
    assert post_callback(client, body, callbacks.signature_of(body)).status_code == 404
    assert visit.outcome == UNPAID


def test_asked_twice_the_channel_gives_back_once(visit):
    refund_id = new_id()
    first = peer.give_back(refund_id, visit.payment_id, FEN)
    assert peer.give_back(refund_id, visit.payment_id, FEN) == first
    assert peer.given_back(visit.payment_id) == FEN


def test_a_closed_payment_says_so(client, visit):
    billing.close_payment(actor=PATIENT, now=NOW, payment_id=visit.payment_id)
    assert bills.facts_payment(visit.payment_id).status is PaymentStatus.CLOSED
    assert "这笔支付已关闭" in client.get(cashier_url(visit.payment_id)).content.decode()


def test_refused_call_backs_are_in_the_audit(client, visit):
    before = {row.id for row in audit.entries(kind=AuditKind.REFUSED, act="payments:callback")}  # these rows outlive every test
    post_callback(client, b"{}", "0")
    assert len({row.id for row in audit.entries(kind=AuditKind.REFUSED, act="payments:callback")} - before) == 1
