"""What the scenarios do where nothing was loaded."""

from datetime import UTC, datetime

import pytest
from django.contrib.auth import get_user_model

from jiuyi.kernel.refusals import NotAllowed
from jiuyi.scenarios import loading
from jiuyi.scenarios.open_clinic import ensure_open_now

pytestmark = pytest.mark.django_db


def test_public_passwords_never_enter_a_real_installation(settings):
    settings.DEMO = False
    with pytest.raises(NotAllowed):
        loading.load_demo(datetime(2026, 11, 24, tzinfo=UTC))
    assert get_user_model().objects.count() == 0


def test_an_empty_database_is_known_as_such():
    assert loading.is_empty()


def test_without_a_county_nothing_is_opened():
    assert ensure_open_now(datetime(2026, 11, 29, 15, 50, tzinfo=UTC)) == 0
