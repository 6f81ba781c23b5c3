from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from jiuyi.domains.identity import rules
from jiuyi.domains.identity.words import IdentifierType, NumberFault, NumberRefused, PhoneNotTaken, Sex

ON = date(2026, 3, 2)
RESIDENT = IdentifierType.RESIDENT_ID


@pytest.mark.parametrize(
    ("_case", "typed", "number", "birth", "sex"),
    [
        ("woman", "109900194903071221", "109900194903071221", date(1949, 3, 7), Sex.FEMALE),
        ("leap day, X", "10990019960229001X", "10990019960229001X", date(1996, 2, 29), Sex.MALE),
        ("seventeenth digit 8 is even", "109900201506304581", "109900201506304581", date(2015, 6, 30), Sex.FEMALE),
        ("new year", "109900196001010031", "109900196001010031", date(1960, 1, 1), Sex.MALE),
        ("toddler", "109900202402290060", "109900202402290060", date(2024, 2, 29), Sex.FEMALE),
        ("man, X", "10990019880808003X", "10990019880808003X", date(1988, 8, 8), Sex.MALE),
        ("small x", "10990019960229001x", "10990019960229001X", date(1996, 2, 29), Sex.MALE),
        ("full width", "１０９９００１９９６０２２９００１Ｘ", "10990019960229001X", date(1996, 2, 29), Sex.MALE),
        ("full width small x", "10990019960229001ｘ", "10990019960229001X", date(1996, 2, 29), Sex.MALE),
        ("grouped", " 109900 19490307 1221 ", "109900194903071221", date(1949, 3, 7), Sex.FEMALE),
        ("fifteen digits", "109900490307122", "109900194903071221", date(1949, 3, 7), Sex.FEMALE),
    ],
)
def test_reads_a_number(_case, typed, number, birth, sex):
    parsed = rules.parse_id_number(typed, on=ON)
    assert (parsed.type, parsed.number, parsed.birth_date, parsed.sex) == (RESIDENT, number, birth, sex)
    assert parsed.last_four == number[-4:]


@pytest.mark.parametrize(
    ("_case", "typed", "fault"),
    [
        ("nothing", "", NumberFault.EMPTY),
        ("blanks", "  　", NumberFault.EMPTY),
        ("check digit", "109900194903071222", NumberFault.CHECKSUM),
        ("30 February with a right check digit", "109900199602300011", NumberFault.BIRTH_DATE),
        ("29 February in a common year", "109900199502290015", NumberFault.BIRTH_DATE),
        ("month 13", "109900199513010011", NumberFault.BIRTH_DATE),
        ("day 0", "109900199501000011", NumberFault.BIRTH_DATE),
        ("year 0", "109900000001010011", NumberFault.BIRTH_DATE),
        ("older than any human", "109900187503010011", NumberFault.BIRTH_DATE),
        ("Y at the end", "10990019960229001Y", NumberFault.CHARACTERS),
        ("X inside", "1099001996022900X1", NumberFault.CHARACTERS),
        ("letter O", "1O9900194903071221", NumberFault.CHARACTERS),
        ("digits of another script", "10990019490307122١", NumberFault.CHARACTERS),
        ("seventeen", "10990019490307122", NumberFault.LENGTH),
        ("nineteen", "1099001949030712211", NumberFault.LENGTH),
        ("fifteen with a letter", "10990049030712X", NumberFault.CHARACTERS),
        ("fifteen with 31 April", "109900490431122", NumberFault.BIRTH_DATE),
    ],
)
def test_refuses_a_number(_case, typed, fault):
    with pytest.raises(NumberRefused) as refused:
        rules.parse_id_number(typed, on=ON)
    assert refused.value.fault is fault
    assert refused.value.fields == {"number": fault.label}


@pytest.mark.parametrize(
    ("_case", "on", "fault"),
    [
        ("the day before birth", date(2024, 2, 28), NumberFault.FUTURE),
        ("the day of birth", date(2024, 2, 29), None),
        ("the day after", date(2024, 3, 1), None),
    ],
)
def test_birth_may_be_today_but_not_tomorrow(_case, on, fault):
    number = "109900202402290060"
    if fault is None:
        assert rules.parse_id_number(number, on=on).number == number
    else:
        with pytest.raises(NumberRefused) as refused:
            rules.parse_id_number(number, on=on)
        assert refused.value.fault is fault


def test_fifteen_digits_stay_as_an_alias():
    assert rules.parse_id_number("109900490307122", on=ON).alias == (IdentifierType.RESIDENT_ID_15, "109900490307122")
    assert rules.parse_id_number("109900194903071221", on=ON).alias is None


def with_check(first_seventeen):
    return first_seventeen + rules.check_character(first_seventeen)


@pytest.mark.parametrize(
    ("_case", "kind", "typed", "read_as"),
    [
        ("resident", RESIDENT, "109900194903071221", RESIDENT),
        ("no list of area codes", RESIDENT, with_check("99999919490307122"), IdentifierType.FOREIGN_RESIDENT),
        ("abolished area", RESIDENT, with_check("51020219490307122"), RESIDENT),
        ("Hong Kong residence permit typed as resident", RESIDENT, with_check("81000019490307122"), IdentifierType.RESIDENCE_PERMIT),
        ("Macao residence permit", IdentifierType.RESIDENCE_PERMIT, with_check("82000019490307122"), IdentifierType.RESIDENCE_PERMIT),
        ("Taiwan residence permit", IdentifierType.RESIDENCE_PERMIT, with_check("83000019490307122"), IdentifierType.RESIDENCE_PERMIT),
        ("foreigner's new card", IdentifierType.FOREIGN_RESIDENT, with_check("91123419490307122"), IdentifierType.FOREIGN_RESIDENT),
        ("foreigner's old card", IdentifierType.FOREIGN_RESIDENT, "usa330086011100", IdentifierType.FOREIGN_RESIDENT),
        ("Hong Kong pass", IdentifierType.HK_MACAO_PASS, "h12345678", IdentifierType.HK_MACAO_PASS),
        ("Macao pass with two digits of issue", IdentifierType.HK_MACAO_PASS, "M1234567801", IdentifierType.HK_MACAO_PASS),
        ("Taiwan pass", IdentifierType.TAIWAN_PASS, "12345678", IdentifierType.TAIWAN_PASS),
        ("passport", IdentifierType.PASSPORT, "e12345678", IdentifierType.PASSPORT),
        ("passport, twenty", IdentifierType.PASSPORT, "A" * 20, IdentifierType.PASSPORT),
        ("birth certificate", IdentifierType.BIRTH_CERTIFICATE, "T370000001", IdentifierType.BIRTH_CERTIFICATE),
        ("officer", IdentifierType.OFFICER_CARD, "南字第12345678号", IdentifierType.OFFICER_CARD),
        ("household book number", IdentifierType.HOUSEHOLD_BOOK, "004512345", IdentifierType.HOUSEHOLD_BOOK),
        ("child's number in the household book", IdentifierType.HOUSEHOLD_BOOK, "109900201506304581", RESIDENT),
        ("driving licence is the resident's number", IdentifierType.DRIVING_LICENCE, "10990019880808003x", RESIDENT),
        ("other", IdentifierType.OTHER, "X-2026-7", IdentifierType.OTHER),
    ],
)
def test_reads_other_papers(_case, kind, typed, read_as):
    assert rules.parse_identifier(kind, typed, on=ON).type is read_as


@pytest.mark.parametrize(
    ("_case", "kind", "typed", "fault"),
    [
        ("Hong Kong pass, other letter", IdentifierType.HK_MACAO_PASS, "A12345678", NumberFault.SHAPE),
        ("Hong Kong pass, seven digits", IdentifierType.HK_MACAO_PASS, "H1234567", NumberFault.SHAPE),
        ("Taiwan pass, nine", IdentifierType.TAIWAN_PASS, "123456789", NumberFault.SHAPE),
        ("passport, twenty-one", IdentifierType.PASSPORT, "A" * 21, NumberFault.SHAPE),
        ("passport with markup", IdentifierType.PASSPORT, "<b>123</b>", NumberFault.SHAPE),
        ("birth certificate without letter", IdentifierType.BIRTH_CERTIFICATE, "1370000001", NumberFault.SHAPE),
        ("residence permit of another prefix", IdentifierType.RESIDENCE_PERMIT, "109900194903071221", NumberFault.SHAPE),
        ("residence permit, short", IdentifierType.RESIDENCE_PERMIT, "81000019490307", NumberFault.LENGTH),
        ("residence permit, check digit", IdentifierType.RESIDENCE_PERMIT, "810000194903071220", NumberFault.CHECKSUM),
        ("foreigner's card of another prefix", IdentifierType.FOREIGN_RESIDENT, "109900194903071221", NumberFault.SHAPE),
        ("wrong resident's number in a household book", IdentifierType.HOUSEHOLD_BOOK, "109900201506304582", NumberFault.CHECKSUM),
        ("other, empty", IdentifierType.OTHER, " ", NumberFault.EMPTY),
    ],
)
def test_refuses_other_papers(_case, kind, typed, fault):
    with pytest.raises(NumberRefused) as refused:
        rules.parse_identifier(kind, typed, on=ON)
    assert refused.value.fault is fault


@given(st.dates(date(1900, 1, 1), ON), st.integers(0, 999_999), st.integers(0, 999))
def test_every_right_number_is_read_back(birth, area, serial):
    number = with_check(f"{area:06d}{birth:%Y%m%d}{serial:03d}")
    parsed = rules.parse_id_number(number, on=ON)
    assert (parsed.number, parsed.birth_date, parsed.sex) == (number, birth, Sex.MALE if serial % 2 else Sex.FEMALE)


@given(st.integers(0, 16), st.integers(1, 9))
def test_one_wrong_digit_never_passes(position, shift):
    number = "109900194903071221"
    wrong = number[:position] + str((int(number[position]) + shift) % 10) + number[position + 1 :]
    with pytest.raises(NumberRefused):
        rules.parse_id_number(wrong, on=ON)


@pytest.mark.parametrize(
    ("_case", "number", "masked"),
    [
        ("resident", "109900194903071221", "109900********1221"),
        ("ends in X", "10990019960229001X", "109900********001X"),
        ("fifteen", "109900490307122", "109900*****7122"),
        ("passport", "E12345678", "*****5678"),
        ("eight", "12345678", "****5678"),
        ("five", "12345", "***45"),
        ("one", "1", "*"),
        ("nothing", "", ""),
    ],
)
def test_masks_numbers(_case, number, masked):
    assert rules.masked_id(number) == masked


@pytest.mark.parametrize(
    ("_case", "typed", "digits", "masked"),
    [
        ("plain", "13800001234", "13800001234", "138****1234"),
        ("spaced", "138 0000 1234", "13800001234", "138****1234"),
        ("country code", "+86 138-0000-1234", "13800001234", "138****1234"),
        ("double zero", "008613800001234", "13800001234", "138****1234"),
        ("bare country code", "8613800001234", "13800001234", "138****1234"),
        ("full width", "１３８００００１２３４", "13800001234", "138****1234"),
        ("segments are not checked", "12000000001", "12000000001", "120****0001"),
    ],
)
def test_reads_and_masks_phones(_case, typed, digits, masked):
    assert rules.parse_phone(typed) == digits
    assert rules.masked_phone(digits) == masked


@pytest.mark.parametrize("typed", ["", "1380000123", "138000012345", "23800001234", "1380000123a", "0635-8212345"])
def test_refuses_phones(typed):
    with pytest.raises(PhoneNotTaken) as refused:
        rules.parse_phone(typed)
    assert set(refused.value.fields) == {"phone"}


def test_a_land_line_is_a_contact_but_gets_no_text_message():
    assert rules.parse_phone("0635-8212345", mobile_only=False) == "06358212345"
    assert rules.masked_phone("06358212345") == "063****2345"
    assert rules.masked_phone("12345") == "***45"
