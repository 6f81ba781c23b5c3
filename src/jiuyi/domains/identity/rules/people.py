"""Whether two people are one, what was typed is complete, a period runs."""

from datetime import date, datetime, timedelta

from jiuyi.domains.identity.rules.names import name_fault, name_key, normal_name
from jiuyi.domains.identity.rules.numbers import parse_identifier
from jiuyi.domains.identity.words import (
    BIRTH_DATE_DISAGREES,
    BIRTH_DATE_FUTURE,
    BIRTH_DATE_NEEDED,
    ID_TYPE_NEEDED,
    PROVING_CREDENTIALS,
    SEX_DISAGREES,
    Credential,
    Description,
    IdentifierType,
    Match,
    NumberRefused,
    ParsedNumber,
    PersonNotTaken,
    Sex,
)

_TOLD_SEXES = (Sex.MALE, Sex.FEMALE)


def same_person(one: Description, other: Description) -> Match:
    """What two descriptions are to each other.

    The same number and nothing that contradicts: the same person, always. The same number with another name, sex or birth date:
    disagrees, a human decides. Without a common number nothing is merged: equal name, sex, birth date *and* phone make a
    candidate, anything less (twins, a newborn beside its mother) different people. Source: rule ID-14 as corrected by practice.
    """
    agrees = (
        name_key(one.name) == name_key(other.name)
        and not _contradict(_told(one.sex), _told(other.sex))
        and not _contradict(one.birth_date, other.birth_date)
    )
    if one.number is not None and one.number == other.number:
        return Match.SAME if agrees else Match.DISAGREES
    if one.number is not None and other.number is not None and one.number[0] == other.number[0]:
        return Match.DIFFERENT
    complete = None not in (one.birth_date, other.birth_date, one.phone, other.phone, _told(one.sex), _told(other.sex))
    return Match.CANDIDATE if complete and agrees and one.phone == other.phone else Match.DIFFERENT


def check_description(
    *,
    name: str,
    sex: Sex | None,
    birth_date: date | None,
    id_type: IdentifierType | None,
    number: str | None,
    on: date,
    remote: bool,
) -> tuple[Description, ParsedNumber | None]:
    """Make a typed person uniform: the number fills in or contradicts sex and birth date.

    ``remote``: a number is needed, and a birth date unless the number tells it; at a desk care is given without either (C5).
    Refuses, all at once: identity.person_not_taken with ``fields``.
    """
    uniform = normal_name(name)
    fields: dict[str, str] = {}
    fault = name_fault(uniform)
    if fault is not None:
        fields["name"] = fault
    parsed: ParsedNumber | None = None
    if remote or (number or "").strip():
        if id_type is None:
            fields["id_type"] = ID_TYPE_NEEDED
        else:
            try:
                parsed = parse_identifier(id_type, number or "", on=on)
            except NumberRefused as refusal:
                fields.update(refusal.fields)
    needed = remote and fields.keys().isdisjoint({"number", "id_type"})
    fields |= _dates_and_sex_faults(parsed, sex=sex, birth_date=birth_date, on=on, birth_date_needed=needed)
    if fields:
        raise PersonNotTaken(fields=fields)
    read_birth = parsed.birth_date if parsed is not None else None
    read_sex = parsed.sex if parsed is not None else None
    description = Description(
        name=uniform,
        sex=read_sex or sex or Sex.UNKNOWN,
        birth_date=read_birth or birth_date,
        number=None if parsed is None else (parsed.type, parsed.number),
    )
    return description, parsed


def is_current(start: datetime, end: datetime | None, now: datetime) -> bool:
    """Whether a half-open period runs at ``now``: the start counts, the end does not; no end means until further notice."""
    return start <= now and (end is None or now < end)


def is_idle(last_seen: datetime, now: datetime, *, idle_days: int) -> bool:
    """Whether a phone was silent so long that it may belong to somebody else by now; the last allowed day still counts."""
    return now - last_seen > timedelta(days=idle_days)


def proves(credential: Credential) -> bool:
    """Whether what was shown proves who somebody is. Source: rule C5 at the desk."""
    return credential in PROVING_CREDENTIALS


def _dates_and_sex_faults(
    parsed: ParsedNumber | None, *, sex: Sex | None, birth_date: date | None, on: date, birth_date_needed: bool
) -> dict[str, str]:
    faults: dict[str, str] = {}
    if birth_date is not None and birth_date > on:
        faults["birth_date"] = BIRTH_DATE_FUTURE
    elif birth_date is not None and parsed is not None and _contradict(parsed.birth_date, birth_date):
        faults["birth_date"] = BIRTH_DATE_DISAGREES
    elif birth_date is None and birth_date_needed and (parsed is None or parsed.birth_date is None):
        faults["birth_date"] = BIRTH_DATE_NEEDED
    if parsed is not None and sex is not None and _contradict(parsed.sex, _told(sex)):
        faults["sex"] = SEX_DISAGREES
    return faults


def _told(sex: Sex) -> Sex | None:
    return sex if sex in _TOLD_SEXES else None


def _contradict(one: object | None, other: object | None) -> bool:
    return one is not None and other is not None and one != other
