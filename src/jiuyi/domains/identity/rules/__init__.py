"""Pure decisions about people: numbers, names, ages, matching, log-in and who may open a record."""

from jiuyi.domains.identity.rules.ages import age, age_text, completed_months, completed_years
from jiuyi.domains.identity.rules.logins import answer_code, answer_request, minutes_left
from jiuyi.domains.identity.rules.names import masked_name, name_key, normal_name, wall_name
from jiuyi.domains.identity.rules.numbers import (
    check_character,
    masked_id,
    masked_phone,
    parse_id_number,
    parse_identifier,
    parse_phone,
)
from jiuyi.domains.identity.rules.people import check_description, is_current, is_idle, proves, same_person

__all__ = [
    "age",
    "age_text",
    "answer_code",
    "answer_request",
    "check_character",
    "check_description",
    "completed_months",
    "completed_years",
    "is_current",
    "is_idle",
    "masked_id",
    "masked_name",
    "masked_phone",
    "minutes_left",
    "name_key",
    "normal_name",
    "parse_id_number",
    "parse_identifier",
    "parse_phone",
    "proves",
    "same_person",
    "wall_name",
]
