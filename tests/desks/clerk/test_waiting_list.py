"""The waiting list at the window: who waits, and the answer of those who were called."""

import pytest
from django.urls import reverse

from jiuyi.domains.scheduling.queries import waiting as entries
from jiuyi.domains.scheduling.words import AppointmentStatus, CancelReason, WaitingState
from jiuyi.journeys import booking, waiting
from jiuyi.journeys.waiting import Wish
from jiuyi.kernel.clock import service_date
from jiuyi.kernel.ids import new_id
from tests.factories import clinic_day, rooms
from tests.factories.clinic_day import OPENS, TOMORROW, status_of

pytestmark = pytest.mark.django_db


@pytest.fixture
def entry_id(day):
    """Somebody without a phone waits, and a place of tomorrow is given up."""
    wish = Wish(
        department_id=day.room.department_id,
        first_day=service_date(TOMORROW),
        last_day=service_date(TOMORROW),
        half_days=(),
        travel_minutes=30,
    )
    (entry_id,) = waiting.join(actor=day.room.clerk, now=OPENS, person_ids=[rooms.somebody(day.room, "赵根生")], wish=wish)
    booked = clinic_day.book(day, now=OPENS)
    booking.cancel(actor=day.account, now=OPENS, appointment_id=booked.appointment_id, reason=CancelReason.OTHER)
    return entry_id


def answer(clerk, entry_id, act, *, offer_id=None):
    shown = offer_id or entries.facts_entry(entry_id).offer_id or ""
    return clerk.client.post(reverse("clerk:answer_waiting", args=[entry_id]), {"act": act, "offer": str(shown)})


def test_the_list_shows_who_waits_in_order_with_masked_names(clerk, day, entry_id):
    page = clerk.client.get(reverse("clerk:waiting")).content.decode()
    assert "心血管内科" in page
    assert "赵根生" not in page
    assert "人工电话" in page
    assert "候补中" in page


@pytest.mark.parametrize(
    ("_case", "act", "state", "status"),
    [
        ("taken", "accept", WaitingState.BOOKED, AppointmentStatus.BOOKED),
        ("declined", "decline", WaitingState.WAITING, AppointmentStatus.CANCELLED),
        ("off the list", "leave", WaitingState.LEFT, AppointmentStatus.CANCELLED),
    ],
)
def test_the_answer_on_the_telephone(clerk, entry_id, _case, act, state, status):
    waiting.serve(now=OPENS)
    offer = entries.facts_offer(entries.facts_entry(entry_id).offer_id)
    assert "留到" in clerk.client.get(reverse("clerk:waiting")).content.decode()
    assert answer(clerk, entry_id, act).status_code == 302
    assert entries.facts_entry(entry_id).state is state
    assert status_of(offer.appointment_id) is status


@pytest.mark.parametrize("act", ["accept", "decline"])
def test_without_an_offer_there_is_nothing_to_take(clerk, entry_id, act):
    answer(clerk, entry_id, act)
    assert "已经不在了" in clerk.client.get(reverse("clerk:waiting")).content.decode()
    assert entries.facts_entry(entry_id).state is WaitingState.WAITING


@pytest.mark.parametrize("act", ["accept", "decline"])
def test_another_offer_than_the_one_on_the_page_is_not_answered(clerk, entry_id, act):
    waiting.serve(now=OPENS)
    offer_id = entries.facts_entry(entry_id).offer_id
    assert f'value="{offer_id}"' in clerk.client.get(reverse("clerk:waiting")).content.decode()
    answer(clerk, entry_id, act, offer_id=new_id())  # a page from before this offer was made
    assert entries.facts_entry(entry_id).state is WaitingState.OFFERED
    assert status_of(entries.facts_offer(offer_id).appointment_id) is AppointmentStatus.HELD


def test_an_act_that_no_button_sends_is_not_found(clerk, entry_id):
    assert answer(clerk, entry_id, "steal").status_code == 404
    assert entries.facts_entry(entry_id).state is WaitingState.WAITING
