import pytest

from jiuyi.domains.organizations import rules
from jiuyi.domains.organizations.words import compound_surname, initials_of, initials_of_name


@pytest.mark.parametrize(
    ("_case", "years", "low", "high", "accepted"),
    [
        ("no limits", 0, None, None, True),
        ("children's clinic, last year", 13, None, 13, True),
        ("children's clinic, fourteen", 14, None, 13, False),
        ("adults, seventeen", 17, 18, None, False),
        ("adults, eighteen", 18, 18, None, True),
        ("both ends", 40, 40, 40, True),
    ],
)
def test_ages_a_department_takes(_case, years, low, high, accepted):
    assert rules.accepts_age(years, min_age=low, max_age=high) is accepted


@pytest.mark.parametrize(("low", "high", "valid"), [(None, None, True), (1, None, True), (None, 1, True), (1, 1, True), (2, 1, False)])
def test_age_ranges(low, high, valid):
    assert rules.is_age_range(low, high) is valid


@pytest.mark.parametrize(
    ("name", "initials"),
    [
        ("张小明", "zxm"),
        ("单小明", "sxm"),
        ("仇英", "qy"),
        ("曾国强", "zgq"),
        ("解缙", "xj"),
        ("查良", "zl"),
        ("区小明", "oxm"),
        ("尉迟恭", "ycg"),
        ("万俟雪", "mqx"),
        ("单于小明", "cyxm"),
        ("欧阳明月", "oymy"),
        ("乐正子春", "yzzc"),
        ("阿依古丽·买买提", "ayglmmt"),
        ("John Smith", "js"),
        ("李〇", "ll"),
        ("李\U0010fffd", "l"),
    ],
)
def test_initials_of_names(name, initials):
    assert initials_of_name(name) == initials


@pytest.mark.parametrize(
    ("text", "initials"), [("慢性胃炎", "mxwy"), ("2型糖尿病", "2xtnb"), ("CT检查", "cjc"), ("", ""), ("心血管内科", "xxgnk")]
)
def test_initials_of_texts(text, initials):
    assert initials_of(text) == initials


@pytest.mark.parametrize(("name", "surname"), [("欧阳明", "欧阳"), ("欧阳", None), ("张三丰", None), ("诸葛孔明", "诸葛")])
def test_compound_surnames(name, surname):
    assert compound_surname(name) == surname
