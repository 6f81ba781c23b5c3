"""What nobody types but somebody sends: answered like any mistake, never with a broken page."""

import pytest
from django.urls import reverse

from tests.desks.doctor.conftest import doctor, signed_in, stopped_clock, visit_page, waiting  # noqa: F401  # a visit under way
from tests.factories import institutions
from tests.factories.institutions import NOW
from tests.journeys.conftest import channel, day, lists  # noqa: F401  # the same day as the journeys'

pytestmark = pytest.mark.django_db
NUL = "a\0b"


@pytest.mark.parametrize("name", ["diagnosis", "lab", "choose_drug", "find", "save"])
def test_a_nul_character_in_the_forms_of_a_visit(visit_page, name):  # noqa: F811
    encounter_id = visit_page.response.wsgi_request.path.split("/")[-2]
    sent = {"diagnosis": NUL, "lab": NUL, "pick": NUL, "dx": NUL, "note_sent": "1", "complaint": NUL}

    answer = visit_page.client.post(reverse(f"doctor:{name}", args=[encounter_id]), sent)

    assert answer.status_code == 422


def test_a_nul_character_in_a_search(visit_page):  # noqa: F811
    encounter_id = visit_page.response.wsgi_request.path.split("/")[-2]

    assert visit_page.client.post(reverse("doctor:hits", args=[encounter_id, "dx"]), {"dx": NUL}).status_code == 422


def test_a_nul_character_in_the_search_for_accounts(day):  # noqa: F811
    officer = signed_in(institutions.staff_user("90001", now=NOW), "admin", day.room.county.root_id)

    assert officer.client.get(reverse("admin:accounts"), {"search": NUL}).status_code == 422
    assert officer.client.get(reverse("admin:accounts"), {NUL: "1"}).status_code == 422
