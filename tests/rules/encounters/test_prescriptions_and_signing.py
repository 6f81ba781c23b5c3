"""Limits of a prescription (RX-1, RX-2, RX-3), what a signature covers, and how a list is searched."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta, timezone
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from jiuyi.domains.encounters.rules import (
    NoteContent,
    days_limit,
    grams,
    grams_wanted,
    prescription_group,
    searchable,
    signed_bytes,
    valid_until,
)
from jiuyi.domains.encounters.words import PrescriptionParameters

PARAMS = PrescriptionParameters()


@pytest.mark.parametrize(
    ("_case", "emergency", "days", "reason", "allowed"),
    [
        ("seven days", False, 7, "", True),
        ("eight days", False, 8, "", False),
        ("eight days, chronic", False, 8, "高血压长期用药", True),
        ("a blank is no reason", False, 8, "  ", False),
        ("twelve weeks with a reason", False, 84, "慢性病", True),
        ("longer than twelve weeks", False, 85, "慢性病", False),
        ("emergency: three days", True, 3, "", True),
        ("emergency: four days", True, 4, "", False),
        ("emergency: four with a reason", True, 4, "外地患者", True),
        ("no day at all", False, 0, "慢性病", False),
    ],
)
def test_days(_case, emergency, days, reason, allowed):
    assert days_limit(PARAMS, emergency=emergency).allows(days, reason) is allowed


@pytest.mark.parametrize(("before", "group"), [(0, 1), (4, 1), (5, 2), (9, 2), (10, 3)])
def test_five_drugs_to_a_prescription(before, group):
    assert prescription_group(before, PARAMS) == group


@pytest.mark.parametrize(
    ("_case", "valid_days", "last"),
    [("the day of issue", 1, date(2026, 3, 1)), ("extended to three", 3, date(2026, 3, 3))],
)
def test_validity(_case, valid_days, last):
    assert valid_until(date(2026, 3, 1), PrescriptionParameters(valid_days=valid_days)) == last


CONTENT = NoteContent(
    note_id=UUID(int=1),
    encounter_id=UUID(int=2),
    person_id=UUID(int=3),
    author_id=UUID(int=4),
    addendum_to=None,
    sections={"complaint": "咳嗽三天", "history": "无", "exam": "双肺呼吸音清", "plan": "多饮水，三天后复诊"},
    diagnoses=[{"code": "J06.900", "name": "急性上呼吸道感染", "primary": True, "certainty": "confirmed"}],
    signed_at=datetime(2026, 3, 2, 1, 30, 0, 123456, tzinfo=UTC),
)


@pytest.mark.parametrize(
    ("_case", "changed"),
    [
        ("one character", {"sections": {**CONTENT.sections, "plan": "多饮水，五天后复诊"}}),
        ("text moved to another section", {"sections": {**CONTENT.sections, "history": "", "exam": "无双肺呼吸音清"}}),
        ("another patient", {"person_id": UUID(int=9)}),
        ("another visit", {"encounter_id": UUID(int=9)}),
        ("another author", {"author_id": UUID(int=9)}),
        ("a diagnosis less", {"diagnoses": []}),
        ("another certainty", {"diagnoses": [{**CONTENT.diagnoses[0], "certainty": "suspected"}]}),
        ("a microsecond", {"signed_at": CONTENT.signed_at + timedelta(microseconds=1)}),
        ("an addendum", {"addendum_to": UUID(int=9)}),
    ],
)
def test_the_signature_covers(_case, changed):
    assert signed_bytes(replace(CONTENT, **changed)) != signed_bytes(CONTENT)


def test_the_same_note_gives_the_same_bytes_in_any_zone_and_order():
    shanghai = timezone(timedelta(hours=8))
    other = replace(
        CONTENT,
        signed_at=CONTENT.signed_at.astimezone(shanghai),
        sections=dict(reversed(CONTENT.sections.items())),
        diagnoses=[dict(reversed(CONTENT.diagnoses[0].items()))],
    )
    assert signed_bytes(other) == signed_bytes(CONTENT)


@pytest.mark.parametrize(
    ("typed", "compared"),
    [("  高血压 ", "高血压"), ("Ⅱ度烧伤", "ii度烧伤"), ("Ｏ１群", "o1群"), ("GXY", "gxy"), ("1型  糖尿病", "1型 糖尿病"), ("，", ",")],
)
def test_how_text_is_compared(typed, compared):
    assert searchable(typed) == compared


@given(st.text("高血压病性xy1 ", min_size=1, max_size=12), st.data())
def test_every_part_of_a_text_is_found_by_its_grams(text, data):
    start = data.draw(st.integers(0, len(text) - 1))
    end = data.draw(st.integers(start + 1, len(text)))
    assert set(grams_wanted(text[start:end])) <= set(grams(text))
