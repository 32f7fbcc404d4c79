"""How much a scheme pays (domain.md §4.2): one class per way of reckoning, fen inside, chosen by a scheme's data."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal, InvalidOperation
from typing import Any

from ledgers.codes import PLACE_CLASSES
from lib.money import FEN, yuan
from lib.rates import round_half_up
from subsidies.facts import Worked


def _is_fen(value: Any) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and 0 < value <= 10**9


class Tariff:
    """`fault` checks the data of a tariff, `amount` reckons fen for months of work, `words` prints it."""

    title: str

    def fault(self, data: dict[str, Any]) -> str:
        raise NotImplementedError

    def amount(self, data: dict[str, Any], months: Sequence[Worked]) -> int:
        raise NotImplementedError

    def words(self, data: dict[str, Any]) -> str:
        raise NotImplementedError


class Flat(Tariff):
    """{"amount": fen}"""

    title = "固定金额"

    def fault(self, data: dict[str, Any]) -> str:
        return "" if _is_fen(data.get("amount")) else "金额应大于0元。"

    def amount(self, data: dict[str, Any], months: Sequence[Worked]) -> int:
        return data["amount"]

    def words(self, data: dict[str, Any]) -> str:
        return f"每人{yuan(data['amount'])}元"


class ByPlace(Tariff):
    """{"amounts": {务工区域: fen}}: by the place of the last month that counts; elsewhere nothing is paid."""

    title = "按务工区域"

    def fault(self, data: dict[str, Any]) -> str:
        amounts = data.get("amounts") or {}
        if not amounts or set(amounts) - set(PLACE_CLASSES):
            return "请至少给一种务工区域填写金额。"
        return "" if all(_is_fen(one) for one in amounts.values()) else "各区域的金额应大于0元。"

    def amount(self, data: dict[str, Any], months: Sequence[Worked]) -> int:
        return data["amounts"].get(months[-1].place_class, 0) if months else 0

    def words(self, data: dict[str, Any]) -> str:
        order = [one for one in reversed(PLACE_CLASSES) if one in data["amounts"]]
        return "，".join(f"{one}{yuan(data['amounts'][one])}元" for one in order)


class ByRegion(Tariff):
    """{"bands": [{"label", "prefixes": "44 35", "amount"}], "rest": fen}: by distance, the first band that fits.

    Prefixes are leading digits of the 务工地 code; `rest` pays elsewhere (0: nothing).
    """

    title = "按务工地距离分档"

    def fault(self, data: dict[str, Any]) -> str:
        bands = data.get("bands") or []
        if not bands:
            return "请至少填写一档。"
        for band in bands:
            prefixes = str(band.get("prefixes", "")).split()
            if not prefixes or not all(one.isascii() and one.isdigit() and len(one) <= 6 for one in prefixes):
                return "每一档要写明地区代码（前2、4或6位，用空格分开）。"
            if not _is_fen(band.get("amount")):
                return "每一档的金额应大于0元。"
        return "" if data.get("rest", 0) == 0 or _is_fen(data["rest"]) else "其他地区的金额不能是负数。"

    def amount(self, data: dict[str, Any], months: Sequence[Worked]) -> int:
        if not months:
            return 0
        code = months[-1].region_code
        for band in data["bands"]:
            if code.startswith(tuple(band["prefixes"].split())):
                return band["amount"]
        return data.get("rest", 0)

    def words(self, data: dict[str, Any]) -> str:
        bands = "，".join(
            f"{band.get('label') or band['prefixes']}{yuan(band['amount'])}元" for band in data["bands"]
        )
        return f"{bands}，其他地区{yuan(data['rest'])}元" if data.get("rest") else bands


class PerMonth(Tariff):
    """{"amount": fen a month, "most": months or None}"""

    title = "按月数"

    def fault(self, data: dict[str, Any]) -> str:
        most = data.get("most")
        if not _is_fen(data.get("amount")):
            return "每月金额应大于0元。"
        return "" if most is None or (isinstance(most, int) and 1 <= most <= 12) else "最多月数应是1至12。"

    def amount(self, data: dict[str, Any], months: Sequence[Worked]) -> int:
        return data["amount"] * min(len(months), data.get("most") or len(months))

    def words(self, data: dict[str, Any]) -> str:
        most = f"，最多{data['most']}个月" if data.get("most") else ""
        return f"每月{yuan(data['amount'])}元{most}"


class Percent(Tariff):
    """{"steps": [{"upto": yuan or None, "percent": "2"}]}: per cent of the window's wages, by the step they are in.

    Rounded half up to the fen (P12: 2 % up to 10,000 yuan, 3 % up to 30,000, 4 % above).
    """

    title = "按工资比例"

    def fault(self, data: dict[str, Any]) -> str:
        steps = data.get("steps") or []
        uptos = [step.get("upto") for step in steps]
        if not steps or uptos[-1] is not None or None in uptos[:-1]:
            return "请填写各档，最后一档不写上限。"
        if uptos[:-1] != sorted(set(uptos[:-1])) or not all(
            isinstance(one, int) and one > 0 for one in uptos[:-1]
        ):
            return "各档上限应从小到大，不能重复。"
        for step in steps:
            try:
                good = 0 < Decimal(str(step.get("percent"))) <= 100
            except InvalidOperation:
                good = False
            if not good:
                return "比例应在0和100之间。"
        return ""

    def amount(self, data: dict[str, Any], months: Sequence[Worked]) -> int:
        wages = sum(one.wage or 0 for one in months)
        step = next(one for one in data["steps"] if one["upto"] is None or wages <= one["upto"])
        return int(round_half_up(Decimal(str(step["percent"])) * wages * FEN / 100))

    def words(self, data: dict[str, Any]) -> str:
        told, low = [], 0
        for step in data["steps"]:
            upto = step["upto"]
            span = (
                f"{low:,}元以上" if upto is None else f"{upto:,}元以内" if not low else f"{low:,}至{upto:,}元"
            )
            told.append(f"务工收入{span}的按{step['percent']}%")
            low = upto or low
        return "，".join(told)


TARIFFS: dict[str, Tariff] = {
    "flat": Flat(),
    "by_place": ByPlace(),
    "by_region": ByRegion(),
    "per_month": PerMonth(),
    "percent": Percent(),
}
