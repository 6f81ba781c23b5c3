"""Log lines as JSON without personal data: only known keys pass, and long runs of digits are masked."""

import json
import logging
import re
from datetime import UTC, datetime
from typing import Any, Final

ALLOWED_KEYS: Final = frozenset(
    {
        "act",
        "actor_id",
        "actor_kind",
        "child",
        "code",
        "consumer",
        "count",
        "duration_ms",
        "entry_id",
        "event",
        "exit_code",
        "job_id",
        "listener",
        "method",
        "migration",
        "notice_id",
        "object_id",
        "path",
        "pid",
        "port",
        "queries",
        "request_id",
        "route",
        "rule_id",
        "scope_id",
        "status",
        "sweep",
        "task",
        "version",
    }
)
_DIGITS = re.compile(r"\+?\d(?:[ -]?\d){6,}[Xx]?")
_KEPT = re.compile(
    r"[0-9a-fA-F]{8}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{12}"  # our ids
    r"|(?<![\d +-])20\d\d-[01]\d-[0-3]\d(?![\d-]| \d)"  # days
)


class JsonFormatter(logging.Formatter):
    """One JSON object per line: when, how grave, who says it, the fixed sentence, and allowed keys of ``extra``.

    The sentence's arguments are left out (``logger.info("paid %s", name)`` logs ``paid %s``): facts belong into
    ``extra``. Of an exception only its type and the places in the code are kept, never its message.
    """

    def format(self, record: logging.LogRecord) -> str:
        """The record as one line."""
        line: dict[str, Any] = {
            "at": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname.lower(),
            "logger": record.name,
            "message": mask(str(record.msg)),
        }
        for key in sorted(ALLOWED_KEYS & record.__dict__.keys()):
            line[key] = _plain(record.__dict__[key])
        if record.exc_info and record.exc_info[0] is not None:
            line["exception"] = record.exc_info[0].__name__
            line["where"] = _places(record.exc_info[2])
        return json.dumps(line, ensure_ascii=False)


def mask(text: str) -> str:
    """The text with every run of seven and more digits (phones, ID and card numbers) replaced; UUIDs and days stay."""
    parts, end = [], 0
    for found in _KEPT.finditer(text):
        parts += [_DIGITS.sub("▇", text[end : found.start()]), found.group()]
        end = found.end()
    return "".join([*parts, _DIGITS.sub("▇", text[end:])])


def _plain(value: object) -> str | int | float | bool | None:
    if isinstance(value, bool | int | float) or value is None:
        return value if not isinstance(value, int) or abs(value) < 10**10 else "▇"
    return mask(str(value))[:200]


def _places(trace: Any) -> list[str]:
    places = []
    while trace is not None:
        code = trace.tb_frame.f_code
        places.append(f"{code.co_filename.rpartition('/src/')[2]}:{trace.tb_lineno} {code.co_name}")
        trace = trace.tb_next
    return places[-12:]
