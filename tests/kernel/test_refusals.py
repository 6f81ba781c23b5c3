"""A refusal is a code, a sentence and data."""

import pytest

from jiuyi.kernel.refusals import Invalid, NotAllowed, NotFound, Refusal


class PlaceTaken(Refusal):
    code = "test.place_taken"
    message = "{window} 已约满，请选 {other}。"


def test_the_sentence_is_filled_from_the_data():
    refusal = PlaceTaken(window="09:00", other="09:15")
    assert refusal.message.format(**refusal.data) == "09:00 已约满，请选 09:15。"
    assert str(refusal) == "test.place_taken: 09:00 已约满，请选 09:15。"


def test_missing_data_never_breaks_the_log():
    assert str(PlaceTaken(window="09:00")) == "test.place_taken: 09:00 已约满，请选 …。"


def test_all_conflicts_at_once():
    refusal = Invalid(fields={"name": "请填写姓名。", "phone": "请填写手机号。"})
    assert refusal.fields == {"name": "请填写姓名。", "phone": "请填写手机号。"}
    assert refusal.data == {}


def test_a_refusal_keeps_its_own_copy_of_the_fields():
    fields = {"name": "请填写姓名。"}
    refusal = Invalid(fields=fields)
    fields.clear()
    assert refusal.fields


@pytest.mark.parametrize(("kind", "status"), [(Refusal, 422), (NotFound, 404), (NotAllowed, 403), (Invalid, 422), (PlaceTaken, 422)])
def test_each_has_its_answer(kind, status):
    refusal = kind()
    assert refusal.status == status
    assert isinstance(refusal, Refusal)
    assert refusal.message
