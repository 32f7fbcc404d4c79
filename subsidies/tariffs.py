"""How much a scheme pays (domain.md §4.2): one class per way of reckoning, fen inside, chosen by a scheme's data."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal, InvalidOperation
from typing import Any

from ledgers.codes import PLACE_CLASSES
from lib.money import FEN, yuan
from lib.month import Month
from lib.rates import round_half_up
from posts.workshop_rules import AWARD_KINDS
from subsidies.facts import ON_DUTY, TRAINED, Facts, Worked


def _is_fen(value: Any) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and 0 < value <= 10**9


class Tariff:
    """`fault` checks the data of a tariff, `amount` reckons fen for months of work, `words` prints it.

    `wants` names what it asks of the ledger beside work; a tariff that is not `for_people` pays nobody by a claim.
    """

    title: str
    wants: str = ""
    for_people = True

    def fault(self, data: dict[str, Any]) -> str:
        raise NotImplementedError

    def amount(self, data: dict[str, Any], facts: Facts, months: Sequence[Worked]) -> int:
        raise NotImplementedError

    def months(self, data: dict[str, Any], facts: Facts, months: Sequence[Worked]) -> tuple[Month, ...]:
        """The months it pays for: those of the work that counts."""
        return tuple(one.month for one in months)

    def words(self, data: dict[str, Any]) -> str:
        raise NotImplementedError


class Flat(Tariff):
    """{"amount": fen}"""

    title = "固定金额"

    def fault(self, data: dict[str, Any]) -> str:
        return "" if _is_fen(data.get("amount")) else "金额应大于0元。"

    def amount(self, data: dict[str, Any], facts: Facts, months: Sequence[Worked]) -> int:
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

    def amount(self, data: dict[str, Any], facts: Facts, months: Sequence[Worked]) -> int:
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

    def amount(self, data: dict[str, Any], facts: Facts, months: Sequence[Worked]) -> int:
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

    def amount(self, data: dict[str, Any], facts: Facts, months: Sequence[Worked]) -> int:
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

    def amount(self, data: dict[str, Any], facts: Facts, months: Sequence[Worked]) -> int:
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


class PerDay(Tariff):
    """{"amount": fen a day, "most": days or None}: days attended in classes that have ended (YD-J05)."""

    title = "按培训天数"
    wants = TRAINED

    def fault(self, data: dict[str, Any]) -> str:
        return _counted_fault(data, "每天", "天数", 366)

    def amount(self, data: dict[str, Any], facts: Facts, months: Sequence[Worked]) -> int:
        return data["amount"] * min(facts.trained_days, data.get("most") or facts.trained_days)

    def months(self, data: dict[str, Any], facts: Facts, months: Sequence[Worked]) -> tuple[Month, ...]:
        return ()

    def words(self, data: dict[str, Any]) -> str:
        most = f"，最多{data['most']}天" if data.get("most") else ""
        return f"培训出勤每天{yuan(data['amount'])}元{most}"


class PerPostMonth(Tariff):
    """{"amount": fen a month, "most": months or None}: months on a post with checked attendance (YD-F06)."""

    title = "按公益性岗位在岗月数"
    wants = ON_DUTY

    def fault(self, data: dict[str, Any]) -> str:
        return _counted_fault(data, "每月", "月数", 12)

    def months(self, data: dict[str, Any], facts: Facts, months: Sequence[Worked]) -> tuple[Month, ...]:
        return facts.duty_months[: data.get("most")]

    def amount(self, data: dict[str, Any], facts: Facts, months: Sequence[Worked]) -> int:
        return data["amount"] * len(self.months(data, facts, months))

    def words(self, data: dict[str, Any]) -> str:
        most = f"，最多{data['most']}个月" if data.get("most") else ""
        return f"在岗有考勤的每月{yuan(data['amount'])}元{most}"


def _counted_fault(data: dict[str, Any], each: str, counted: str, limit: int) -> str:
    most = data.get("most")
    if not _is_fen(data.get("amount")):
        return f"{each}金额应大于0元。"
    return (
        ""
        if most is None or (isinstance(most, int) and 1 <= most <= limit)
        else f"最多{counted}应是1至{limit}。"
    )


class ByPaper(Tariff):
    """{"paper", "amount": fen, "with_paper": fen}: more for who proves on paper what the ledger does not know (P09)."""

    title = "有证明的另定金额"

    def fault(self, data: dict[str, Any]) -> str:
        if data.get("paper") not in PROOFS:
            return "请选择证明什么。"
        good = _is_fen(data.get("amount")) and _is_fen(data.get("with_paper"))
        return "" if good else "没有证明和有证明的金额都应大于0元。"

    def amount(self, data: dict[str, Any], facts: Facts, months: Sequence[Worked]) -> int:
        return data["with_paper" if data["paper"] in facts.declared else "amount"]

    def words(self, data: dict[str, Any]) -> str:
        return f"每人{yuan(data['amount'])}元，书面证明{data['paper']}的{yuan(data['with_paper'])}元"


class OfWorkshops(Tariff):
    """{"award": 阶梯式奖补 or 吸纳就业补贴}: what a county awards its workshops, reckoned by posts.awarding."""

    title = "按车间奖补测算"
    for_people = False

    def fault(self, data: dict[str, Any]) -> str:
        return "" if data.get("award") in AWARD_KINDS else "请选择按哪一种车间奖补发放。"

    def amount(self, data: dict[str, Any], facts: Facts, months: Sequence[Worked]) -> int:
        return 0

    def words(self, data: dict[str, Any]) -> str:
        return f"发给帮扶车间，按批准的{data['award']}金额"


class Elsewhere(Tariff):
    """{"told": how much, in words}: paid by another office from its own lists; here it is only known and announced."""

    title = "由其他部门办理"
    for_people = False

    def fault(self, data: dict[str, Any]) -> str:
        told = data.get("told")
        return (
            ""
            if isinstance(told, str) and 4 <= len(told.strip()) <= 100
            else "请写明补多少、在哪里办，4至100个字。"
        )

    def amount(self, data: dict[str, Any], facts: Facts, months: Sequence[Worked]) -> int:
        return 0

    def words(self, data: dict[str, Any]) -> str:
        return data["told"].strip().rstrip("。")


PROOFS = ("上年收入低于1万元", "经营实体带动3人以上就业")
TARIFFS: dict[str, Tariff] = {
    "flat": Flat(),
    "by_place": ByPlace(),
    "by_region": ByRegion(),
    "per_month": PerMonth(),
    "percent": Percent(),
    "per_day": PerDay(),
    "per_post_month": PerPostMonth(),
    "by_paper": ByPaper(),
    "workshops": OfWorkshops(),
    "elsewhere": Elsewhere(),
}
