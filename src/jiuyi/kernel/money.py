"""Money is an integer number of fen (分). There is no floating point anywhere near it."""

from decimal import ROUND_HALF_UP, Decimal
from typing import NewType

Fen = NewType("Fen", int)


def fen_of_yuan(yuan: Decimal | str | int) -> Fen:
    """Fen of an amount in yuan, half up to the fen (rule M-7). A float is refused: it has already lost the truth."""
    if isinstance(yuan, float):
        message = "money never comes as a float"
        raise TypeError(message)
    return Fen(int((Decimal(yuan) * 100).quantize(Decimal(1), rounding=ROUND_HALF_UP)))


def line_amount(unit_price_fen: int, quantity: Decimal | int) -> Fen:
    """Price of one bill line: unit price × quantity, rounded half up per line (rule M-7). A float is refused."""
    if isinstance(quantity, float):
        message = "a quantity never comes as a float"
        raise TypeError(message)
    return Fen(int((Decimal(unit_price_fen) * Decimal(quantity)).quantize(Decimal(1), rounding=ROUND_HALF_UP)))


def yuan_text(fen: int) -> str:
    """``1500`` → ``"15.00"``; the unit is the caller's word (``元`` or ``CNY``)."""
    sign = "-" if fen < 0 else ""
    return f"{sign}{abs(fen) // 100}.{abs(fen) % 100:02d}"
