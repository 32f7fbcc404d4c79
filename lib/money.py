"""Money as whole fen (分): exact on every database, printed in yuan with two places (GB/T 15835).

A benefit, a payment and a bank line are integers of fen inside; wages of the ledger stay in whole yuan, as the forms
print them.
"""

from __future__ import annotations

import re
from decimal import Decimal

from lib.rates import MINUS

_PRINTED = re.compile(r"(?P<sign>[-−]?)(?P<yuan>\d{1,3}(?:,\d{3})+|\d{1,12})(?:\.(?P<fen>\d{1,2}))?")
FEN = 100
NO_AMOUNT = "不是金额，应为“1234.50”这样的数字，最多两位小数。"


def yuan(fen: int | None, *, plain: bool = False) -> str:
    """``123456`` → ``1,234.56``; `plain` without commas, as bank files have it; nothing → —."""
    if fen is None:
        return "—"
    whole, part = divmod(abs(fen), FEN)
    text = f"{whole}.{part:02}" if plain else f"{whole:,}.{part:02}"
    return ("-" if plain else MINUS) + text if fen < 0 else text


def parse_yuan(text: object) -> int:
    """Fen of a printed amount: ``1,234.5``, ``1234元``, 1234 or Decimal; more than two places are a ValueError."""
    if isinstance(text, bool) or text is None:
        raise ValueError(NO_AMOUNT)
    if isinstance(text, int):
        return text * FEN
    if isinstance(text, float):
        text = Decimal(repr(text))
    if isinstance(text, Decimal):
        text = f"{text:f}"
        if "." in text:
            text = text.rstrip("0").rstrip(".")
    found = _PRINTED.fullmatch(
        str(text).strip().removeprefix("¥").removeprefix("￥").removesuffix("元").strip()
    )
    if not found:
        raise ValueError(NO_AMOUNT)
    fen = int(found["yuan"].replace(",", "")) * FEN + int((found["fen"] or "0").ljust(2, "0"))
    return -fen if found["sign"] else fen
