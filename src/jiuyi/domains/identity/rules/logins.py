"""What the door says: to the wish for a code and to a typed code."""

from datetime import datetime
from math import ceil

from jiuyi.domains.identity.words import LoginAnswer, LoginCodes


def answer_request(*, locked: bool, last_minute: int, last_hour: int, device_last_hour: int, limits: LoginCodes) -> LoginAnswer:
    """Whether a code goes out, given what was sent before; a device that asks too often is told, a phone's past never.

    The counts are of earlier wishes, so a limit of one in a minute refuses the second. Source: rule DS-8.
    """
    if device_last_hour >= limits.codes_per_hour_and_device:
        return LoginAnswer.DEVICE_WAITS
    if locked or last_minute >= limits.codes_per_minute or last_hour >= limits.codes_per_hour:
        return LoginAnswer.SILENT
    return LoginAnswer.SEND


def answer_code(*, locked_until: datetime | None, wrong_before: int, matches: bool, now: datetime, limits: LoginCodes) -> LoginAnswer:
    """Whether a typed code opens: never while locked; the fifth wrong one in a row locks. Source: rule DS-8.

    ``matches`` already means: sent to this phone, the newest, unused and not too old. At ``locked_until`` itself the door is free.
    """
    if locked_until is not None and now < locked_until:
        return LoginAnswer.LOCKED
    if matches:
        return LoginAnswer.OPEN
    return LoginAnswer.LOCK if wrong_before + 1 >= limits.wrong_codes else LoginAnswer.WRONG


def minutes_left(until: datetime, now: datetime) -> int:
    """Whole minutes to wait, rounded up, at least one."""
    return max(1, ceil((until - now).total_seconds() / 60))
