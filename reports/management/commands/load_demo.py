"""load_demo: an invented city to try everything with, whose figures are those of a real bulletin."""

from __future__ import annotations

import argparse
from typing import Any

from django.core.management.base import CommandError
from django.db import connection

from accounts.management import LedgerCommand
from accounts.models import Unit
from reports.demo import load
from reports.demo.city import SCALES
from reports.demo.province import load_province

DUTIES = {
    "village": "村信息员", "township": "乡镇", "county": "县专班（经办）", "county2": "县专班（复核）",
    "city": "市办（经办）", "city2": "市办（签发）", "sampler": "抽查员", "auditor": "审计", "admin": "管理员",
}  # fmt: skip


class Command(LedgerCommand):
    help = "Load the demonstration into an empty database; loading the same again only repeats the answer."

    def add_arguments(self, parser: argparse.ArgumentParser) -> None:
        super().add_arguments(parser)
        parser.add_argument("--scale", choices=SCALES, default="city")
        parser.add_argument("--seed", type=int, default=2023)

    def handle(self, *args: Any, **options: Any) -> None:
        before = load.loaded()
        if before:
            if before["scale"] != options["scale"]:
                raise CommandError("已载入另一规模的演示数据，请换一个空数据库。")
            answer = before["answer"]
        elif Unit.objects.exists():
            raise CommandError("数据库中已有单位，演示数据只能载入空数据库。")
        elif options["scale"] != "province":
            answer = load.load(options["scale"], options["seed"])
        elif connection.vendor == "postgresql":
            answer = load_province(options["seed"])
        else:
            raise CommandError("全省规模的演示数据只能载入 PostgreSQL 数据库。")
        self.answer(answer, options["json"], _accounts(answer))


def _accounts(answer: dict[str, Any]) -> list[str]:
    """The accounts as a table that keeps its columns: a Chinese character is two wide."""
    rows = [("角色", "用户名"), *((DUTIES[key], name) for key, name in answer["users"].items())]
    return [
        "演示账号（人员均为虚构）：",
        *(f"  {duty}{' ' * (18 - 2 * len(duty))}{name}" for duty, name in rows),
        f"密码均为：{load.PASSWORD}",
        "启动服务后，在浏览器打开给出的地址登录（本机一般为 http://127.0.0.1:8000/）。",
        f"数据月份：{answer['months'][0]} 至 {answer['months'][-1]}，最后一个月未关闭。",
    ]
