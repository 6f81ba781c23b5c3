import pytest
from hypothesis import given
from hypothesis import strategies as st

from jiuyi.domains.identity import rules
from jiuyi.domains.identity.rules.names import name_fault

RARE = "\U0002c156"  # 𬅖, beyond the basic plane
NEW = "\U00031350"  # the first character of extension H


@pytest.mark.parametrize(
    ("_case", "name", "listed", "on_wall"),
    [
        ("one given character", "张三", "张*", "张*"),
        ("two given characters", "张小明", "张**", "张*明"),
        ("compound surname", "欧阳明月", "欧阳**", "欧阳*月"),
        ("compound surname, one given character", "欧阳明", "欧阳*", "欧阳*"),
        ("two characters are surname and given name", "欧阳", "欧*", "欧*"),
        ("four characters without compound surname", "张王小明", "张***", "张**明"),
        ("minority name", "阿依古丽·买买提", "阿***·***", "阿***·**提"),
        ("other dot", "阿依古丽•买买提", "阿***·***", "阿***·**提"),
        ("three parts", "阿·依·提", "阿·*·*", "阿·*·提"),
        ("Latin", "John Smith", "J*** *****", "J*** ****h"),
        ("Latin, one word", "Madonna", "M******", "M*****a"),
        ("Latin with hyphen", "Anne-Marie", "A***-*****", "A***-****e"),
        ("one character", "张", "*", "*"),
        ("rare surname", f"{RARE}小明", f"{RARE}**", f"{RARE}*明"),
        ("rare given name", f"李{RARE}", "李*", "李*"),
        ("rare last character", f"李小{RARE}", "李**", f"李*{RARE}"),
        ("extension H", f"李小{NEW}", "李**", f"李*{NEW}"),
        ("glyph variant", "葛\U000e0100小明", "葛\U000e0100**", "葛\U000e0100*明"),
        ("combining mark", "Ẑhou", "Ẑ***", "Ẑ**u"),
        ("circle zero", "李〇〇", "李**", "李*〇"),
        ("surrounding blanks", " 张三 ", "张*", "张*"),
    ],
)
def test_masks_names(_case, name, listed, on_wall):
    assert rules.masked_name(name) == listed
    assert rules.wall_name(name) == on_wall


@given(st.text(alphabet="张王李欧阳明月·阿买提aZ𬱖", min_size=1, max_size=12))
def test_a_mask_always_hides_something_and_shows_no_more_than_three_characters(name):
    uniform = rules.normal_name(name)
    letters = [c for c in uniform if c != "·"]
    for masked in (rules.masked_name(name), rules.wall_name(name)):
        assert len(masked) == len(uniform)
        if letters:
            assert "*" in masked or len(letters) == 1 or uniform.startswith("·") or set(uniform[1:]) <= {"·"}
        assert sum(c not in "*·" for c in masked) <= 3


@pytest.mark.parametrize(
    ("_case", "typed", "uniform"),
    [
        ("full-width letters", "Ｊｏｈｎ　Ｓｍｉｔｈ", "John Smith"),
        ("blank inside a Chinese name", "张 三", "张三"),
        ("full-width blank", "张　三", "张三"),
        ("many blanks", "John   Smith", "John Smith"),
        ("bullet", "阿依古丽•买买提", "阿依古丽·买买提"),
        ("katakana dot", "阿依古丽・买买提", "阿依古丽·买买提"),
        ("full stop", "阿依古丽.买买提", "阿依古丽·买买提"),
        ("dot with blanks", "阿依古丽 · 买买提", "阿依古丽·买买提"),
        ("Latin initial keeps its stop", "J. Smith", "J. Smith"),
        ("zero width", "张\u200b三\ufeff", "张三"),
        ("rare character", f"李{RARE}", f"李{RARE}"),
    ],
)
def test_makes_names_uniform(_case, typed, uniform):
    assert rules.normal_name(typed) == uniform


@pytest.mark.parametrize(
    ("_case", "one", "other", "equal"),
    [
        ("dots", "阿依古丽·买买提", "阿依古丽买买提", True),
        ("letter case", "John Smith", "JOHN  SMITH", True),
        ("hyphen", "Anne-Marie", "Anne Marie", True),
        ("glyph variant", "葛\U000e0100明", "葛明", True),
        ("homophone", "张明", "章明", False),
        ("rare character and its neighbour", f"李{RARE}", "李\U0002c157", False),
    ],
)
def test_name_keys(_case, one, other, equal):
    assert (rules.name_key(one) == rules.name_key(other)) is equal


@pytest.mark.parametrize(
    ("_case", "name", "taken"),
    [
        ("Chinese", "张三", True),
        ("one character", "张", True),
        ("rare", f"李{RARE}", True),
        ("newer than this Python knows", f"李{NEW}", True),
        ("newborn", "张三之子", True),
        ("Latin with apostrophe", "O'Neill", True),
        ("empty", "", False),
        ("only a dot", "·", False),
        ("digits", "张3", False),
        ("markup", "<b>", False),
        ("at sign", "zhang@", False),
        ("sixty", "张" * 60, True),
        ("sixty-one", "张" * 61, False),
    ],
)
def test_which_names_are_taken(_case, name, taken):
    assert (name_fault(name) is None) is taken
