"""Dates, times and money in both languages."""

from datetime import UTC, date, datetime, time

import pytest
from django.template import Context, Template
from django.utils import translation

from jiuyi.kit import formats

START = datetime(2026, 11, 24, 1, 0, tzinfo=UTC)
END = datetime(2026, 11, 24, 1, 15, tzinfo=UTC)
ALMOST_MIDNIGHT_UTC = datetime(2026, 11, 24, 16, 0, tzinfo=UTC)


def rendered(source, language="zh-hans", **context):
    with translation.override(language):
        return Template("{% load kit %}" + source).render(Context(context))


@pytest.mark.parametrize(
    ("_case", "source", "chinese", "english"),
    [
        ("money", "{{ fen|money }}", "15.00 元", "CNY 15.00"),
        ("no money", "{{ nothing|money }}", "", ""),
        ("missing money", "{{ absent|money }}", "", ""),
        ("free of charge is a price", "{{ zero|money }}", "0.00 元", "CNY 0.00"),
        ("a refund", "{{ minus|money }}", "-0.05 元", "CNY -0.05"),
        ("day", "{{ day|day }}", "11月24日 周二", "Tue 24 Nov"),
        ("day of an instant", "{{ start|day }}", "11月24日 周二", "Tue 24 Nov"),
        ("16:00 UTC is the next local day", "{{ late|day }}", "11月25日 周三", "Wed 25 Nov"),
        ("no day", "{{ nothing|day }}", "", ""),
        ("full day", "{{ day|full_day }}", "2026年11月24日", "24 Nov 2026"),
        ("short day", "{{ day|short_day }}", "11-24", "24 Nov"),
        ("weekday", "{{ day|weekday }}", "周二", "Tue"),
        ("clock", "{{ start|clock }}", "09:00", "09:00"),
        ("clock of a time", "{{ time|clock }}", "08:05", "08:05"),
        ("window", "{{ start|window:end }}", "09:00–09:15", "09:00–09:15"),
        ("moment", "{{ start|moment }}", "11月24日 周二 09:00", "Tue 24 Nov 09:00"),
    ],
)
def test_a_reader_sees_dates_and_money_in_his_language(_case, source, chinese, english):
    values = {
        "fen": 1500,
        "nothing": None,
        "zero": 0,
        "minus": -5,
        "day": date(2026, 11, 24),
        "start": START,
        "end": END,
        "late": ALMOST_MIDNIGHT_UTC,
        "time": time(8, 5),
    }
    assert rendered(source, **values) == chinese
    assert rendered(source, "en", **values) == english


@pytest.mark.parametrize(
    ("_case", "source", "expected"),
    [
        ("day", "{% when day %}", '<time class="when" datetime="2026-11-24">11月24日 周二</time>'),
        (
            "instant",
            "{% when start %}",
            '<time datetime="2026-11-24T01:00:00+00:00"><span class="when">11月24日 周二</span> <span class="when">09:00</span></time>',
        ),
        (
            "window",
            "{% when start end %}",
            f'<time datetime="{START.isoformat()}"><span class="when">11月24日 周二</span> <span class="when">09:00–09:15</span></time>',
        ),
    ],
)
def test_when_marks_what_must_not_wrap(_case, source, expected):
    assert rendered(source, day=date(2026, 11, 24), start=START, end=END) == expected


@pytest.mark.parametrize(
    ("_case", "moment", "morning"),
    [
        ("just before noon", time(11, 59), True),
        ("noon", time(12, 0), False),
        ("instant at 11:59", datetime(2026, 11, 24, 3, 59, tzinfo=UTC), True),
    ],
)
def test_noon_belongs_to_the_afternoon(_case, moment, morning):
    assert formats.is_morning(moment) is morning


def test_a_naive_instant_is_refused():
    with pytest.raises(ValueError, match="time zone"):
        formats.clock_text(datetime(2026, 11, 24, 9, 0))  # noqa: DTZ001
