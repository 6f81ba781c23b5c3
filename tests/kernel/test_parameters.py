"""Parameters of a rule pack are typed and limited."""

from typing import Annotated, ClassVar

import msgspec
import pytest

from jiuyi.kernel.parameters import RuleParameters, read_parameters


class _Grace(RuleParameters, frozen=True, kw_only=True):
    title: ClassVar[str] = "宽限"
    source: ClassVar[str] = "test"

    grace_minutes: Annotated[int, msgspec.Meta(ge=0, le=120)] = 30


@pytest.mark.parametrize(
    ("_case", "values", "minutes"),
    [("the default", {}, 30), ("lower limit", {"grace_minutes": 0}, 0), ("upper limit", {"grace_minutes": 120}, 120)],
)
def test_values_within_the_limits(_case, values, minutes):
    assert read_parameters(_Grace, values).grace_minutes == minutes


@pytest.mark.parametrize(
    ("_case", "values"),
    [
        ("below", {"grace_minutes": -1}),
        ("above", {"grace_minutes": 121}),
        ("text", {"grace_minutes": "30"}),
        ("fraction", {"grace_minutes": 30.5}),
        ("unknown name", {"minutes": 30}),
    ],
)
def test_values_outside_are_refused(_case, values):
    with pytest.raises(msgspec.ValidationError):
        read_parameters(_Grace, values)


def test_as_json_reads_back():
    assert read_parameters(_Grace, _Grace(grace_minutes=45).as_json()) == _Grace(grace_minutes=45)
