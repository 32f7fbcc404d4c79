"""People and months of work for tests of rules: plain facts, no database."""

from __future__ import annotations

from typing import Any

from ledgers.codes import OUTSIDE
from lib.month import Month
from subsidies.facts import Facts, Worked

MARCH = Month(2023, 3)


def worked(month: Month, **fields: Any) -> Worked:
    values: dict[str, Any] = {
        "place_class": OUTSIDE, "region_code": "440300", "job_form": "单位就业", "employer": "示例电子厂", "wage": 4000,
        "has_contract": True, "has_insurance": True, "organised_by": "",
    }  # fmt: skip
    return Worked(month, **(values | fields))


def facts(*months: Worked, **fields: Any) -> Facts:
    values: dict[str, Any] = {
        "month": MARCH, "age": 38, "is_poverty": True, "is_monitored": False, "risk_removed": False,
        "person_state": "正常", "ability": "普通劳动力", "student_state": "", "worked": months,
    }  # fmt: skip
    return Facts(**(values | fields))


def quarter(**fields: Any) -> tuple[Worked, ...]:
    """January to March."""
    return tuple(worked(Month(2023, n), **fields) for n in (1, 2, 3))
