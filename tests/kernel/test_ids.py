"""Ids sort by time; codes can be read aloud."""

from uuid import UUID

from hypothesis import given
from hypothesis import strategies as st

from jiuyi.kernel.ids import new_id, new_token


def test_ids_are_version_7_and_differ():
    made = [new_id() for _ in range(2000)]
    assert len(set(made)) == 2000
    assert {one.version for one in made} == {7}
    assert all(type(one) is UUID for one in made)


def test_ids_sort_by_the_time_of_their_making():
    made = [new_id() for _ in range(2000)]
    assert made == sorted(made)


@given(st.integers(1, 64))
def test_a_code_has_no_letters_that_sound_or_look_alike(characters):
    token = new_token(characters)
    assert len(token) == characters
    assert not set(token) & set("01OIoil")
    assert token == token.upper()
