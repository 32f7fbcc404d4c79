"""manage.py recompute --month YYYY-MM [--unit CODE] --json: count a month again and print its figures."""

from __future__ import annotations

from accounts.management import LedgerCommand, month_argument, named_unit
from accounts.models import Unit
from reports import reading, rollup


class Command(LedgerCommand):
    help = "重新计算一个月的统计数字；关闭的月份保持冻结。"

    def add_arguments(self, parser) -> None:
        super().add_arguments(parser)
        parser.add_argument("--month", required=True, help="月份，如 2023-03")
        parser.add_argument("--unit", help="单位编码；不填为全部单位")

    def handle(self, *args, **options) -> None:
        month = month_argument(options["month"])
        unit = named_unit(options["unit"]) if options["unit"] else None
        rollup.recompute(month, unit)
        units = list(self._shown(unit))
        values = reading.values(units, month)
        figures = {
            one.code: {figure: value.as_json() for figure, value in values[one.pk].items()} for one in units
        }
        lines = [f"{one.name}：外出务工 {values[one.pk]['I01'].text} 人" for one in units]
        self.answer({"figures": figures}, options["json"], lines)

    def _shown(self, unit: Unit | None):
        units = Unit.objects.under(unit) if unit else Unit.objects.all()
        return units.in_order()
