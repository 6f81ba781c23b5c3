"""Pure decisions about institutions: which ages a department takes."""


def accepts_age(years: int, *, min_age: int | None, max_age: int | None) -> bool:
    """Whether a department takes a patient of so many completed years; both ends are included.

    A children's clinic "under 14" has ``max_age`` 13. Source: rule ID-11.
    """
    return (min_age is None or years >= min_age) and (max_age is None or years <= max_age)


def is_age_range(min_age: int | None, max_age: int | None) -> bool:
    """Whether the two ends make a range: none, one, or both in order."""
    return min_age is None or max_age is None or min_age <= max_age
