"""A word is its code, and knows its label."""

import json

import pytest

from jiuyi.kernel.words import Word


class Colour(Word):
    RED = "red", "红"
    BLUE = "blue", "蓝"


def test_a_word_is_its_code():
    assert Colour.RED == "red"
    assert str(Colour.RED) == f"{Colour.RED}" == json.loads(json.dumps(Colour.RED)) == "red"
    assert Colour("red") is Colour.RED
    assert Colour.RED.label == "红"


def test_choices_keep_their_order():
    assert Colour.choices() == [("red", "红"), ("blue", "蓝")]


def test_an_unknown_code_is_refused():
    with pytest.raises(ValueError, match="green"):
        Colour("green")
