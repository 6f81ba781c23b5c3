"""Events carry ids, numbers, times and codes: never a name or a sentence."""

from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import Any, ClassVar
from uuid import UUID

import pytest

from jiuyi.kernel.events import Event
from jiuyi.kernel.ids import new_id
from jiuyi.kernel.words import Word


class Colour(Word):
    RED = "red", "红"


@dataclass(frozen=True, kw_only=True)
class ThingPainted(Event):
    name: ClassVar[str] = "test.ThingPainted"
    value: Any


THING = UUID("01890a5d-ac96-774b-bcce-b302099a8057")


@pytest.mark.parametrize(
    ("_case", "value", "stored"),
    [
        ("id", THING, str(THING)),
        ("number", 1500, 1500),
        ("truth stays a truth", True, True),
        ("day", date(2026, 3, 2), "2026-03-02"),
        ("instant", datetime(2026, 3, 2, 1, tzinfo=UTC), "2026-03-02T01:00:00+00:00"),
        ("code", Colour.RED, "red"),
        ("nothing", None, None),
    ],
)
def test_what_an_event_may_carry(_case, value, stored):
    payload = ThingPainted(value=value).payload()
    assert payload == {"value": stored}
    assert type(payload["value"]) is type(stored)


@pytest.mark.parametrize(
    ("_case", "value"),
    [("a name", "张三"), ("a bare code", "red"), ("a list", [1]), ("a dictionary", {}), ("a fraction", 1.5), ("bytes", b"1")],
)
def test_what_an_event_may_not_carry(_case, value):
    with pytest.raises(TypeError, match=r"test\.ThingPainted\.value"):
        ThingPainted(value=value).payload()


def test_person_and_scope_are_columns_of_their_own():
    event = ThingPainted(value=1, person_id=new_id(), scope_id=new_id())
    assert set(event.payload()) == {"value"}


def test_an_event_cannot_be_changed():
    event = ThingPainted(value=1)
    with pytest.raises(AttributeError):
        event.value = 2
