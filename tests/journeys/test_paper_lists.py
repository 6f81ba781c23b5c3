"""Lists on paper for the hour without a system: all of today's bookings, masked names, nothing of other days."""

import pytest

from jiuyi.journeys import paper_lists
from tests.factories import clinic_day
from tests.factories.clinic_day import NOW, OPENS

pytestmark = pytest.mark.django_db


@pytest.fixture
def printed(monkeypatch, settings, tmp_path):
    """The pages as they were handed to the printer of PDF, which itself is slow; and a directory to write into."""
    settings.JIUYI_HOME = tmp_path
    pages = []
    real = paper_lists.render_to_string

    def render(*arguments, **named):
        pages.append(real(*arguments, **named))
        return pages[-1]

    monkeypatch.setattr(paper_lists, "render_to_string", render)
    return pages


def test_one_file_for_each_department_with_bookings_today(day, printed, tmp_path):
    clinic_day.paid_booking(day)
    clinic_day.book(day, person_id=day.mother_id)  # tomorrow

    (written,) = paper_lists.write_all(now=NOW)

    assert written.is_relative_to(tmp_path / "paper" / "2026-03-02")
    assert written.read_bytes()[:5] == b"%PDF-"
    (page,) = printed
    assert "10:00–10:15" in page
    assert "1221" in page
    assert "李**" in page or "李*" in page
    assert "李秀兰" not in page
    assert "陈" not in page


def test_writing_again_replaces_the_file(day, printed):
    clinic_day.paid_booking(day)

    first = paper_lists.write_all(now=NOW)
    second = paper_lists.write_all(now=OPENS)

    assert first == second


def test_a_day_without_bookings_writes_nothing(day, printed):
    assert paper_lists.write_all(now=NOW) == []
