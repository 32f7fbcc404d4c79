"""What is asked before a workbook is read, and which heading is which column."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, cast

from django import forms
from django.conf import settings
from django.forms.boundfield import BoundField

from accounts.models import Level, Unit, User
from lib.month import Month, MonthFormField
from lib.rendering import MonthInput
from lib.staging import KINDS, Kind

MANY_UNITS = 400  # above this the list of units leaves the villages out


def kinds_for(user: User) -> list[Kind]:
    """The kinds this user's roles may import, the month's work first."""
    return sorted((kind for kind in KINDS.values() if user.can(*kind.right)), key=lambda kind: kind.place)


class ImportForm(forms.Form):
    """Kind, unit of one's own tree, month and one file."""

    kind = forms.ChoiceField(label="种类", widget=forms.RadioSelect)
    unit = forms.ModelChoiceField(
        Unit.objects.none(), label="单位", help_text="表中的人或数字属于哪个单位；只能选自己和下级单位。"
    )
    month = MonthFormField(label="月份", required=False, widget=MonthInput, help_text="表中数字所属的月份。")
    file = forms.FileField(
        label="文件",
        allow_empty_file=True,
        help_text="xlsx、xls 或 csv，一次一个文件，最多50MB、50000行。合计行、签字行会自动跳过。",
        error_messages={"required": "请选择一个文件。"},
    )

    def __init__(self, user: User, *args, **kwargs) -> None:
        super().__init__(*args, **kwargs)
        self.user = user
        kinds = kinds_for(user)
        self.monthly = "|".join(kind.name for kind in kinds if kind.needs_month)
        choose_kind, choose_unit = cast(Any, self.fields["kind"]), cast(Any, self.fields["unit"])
        choose_kind.choices = [(kind.name, kind.title) for kind in kinds]
        choose_unit.queryset = _units(user, kinds)
        self.fields["file"].widget.attrs |= {
            "accept": ".xlsx,.xls,.csv", "data-max-mb": settings.UPLOAD_MAX_BYTES >> 20,
        }  # fmt: skip
        self.initial.setdefault("unit", user.home_unit)
        self.initial.setdefault("month", Month.current())
        if len(kinds) == 1:
            self.initial.setdefault("kind", kinds[0].name)

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        kind = KINDS.get(data.get("kind") or "")
        if kind and kind.needs_month and not data.get("month"):
            self.add_error("month", "请选择月份。")
        return data


def _units(user: User, kinds: list[Kind]):
    """Units in reach of any of the kinds, in the order of the tree."""
    units = Unit.objects.none()
    for right in {kind.right for kind in kinds}:
        units = units | Unit.objects.visible_to(user, *right)
    units = units.filter(closed_on=None).distinct()
    if units.count() > MANY_UNITS:
        units = units.exclude(level=Level.VILLAGE)
    return units.in_order()


class MappingForm(forms.Form):
    """For each of our columns the heading of the sheet that holds it, shown as the sender wrote it."""

    def __init__(
        self,
        kind: Kind,
        headings: Sequence[str],
        found: Mapping[str, str],
        written: Mapping[str, str],
        *args,
        **kwargs,
    ) -> None:
        super().__init__(*args, **kwargs)
        self.kind = kind
        self.by_key = by_key = {key: heading for heading, key in found.items()}
        own = [(heading, written.get(heading, heading)) for heading in dict.fromkeys(headings)]
        choices = [("", "（表中没有）"), *own]
        for column in kind.columns:
            self.fields[column.key] = forms.ChoiceField(
                label=column.title, choices=choices, required=column.required, help_text=column.help,
                initial=by_key.get(column.key, ""), error_messages={"required": "这一列必须对应。"},
            )  # fmt: skip

    @property
    def missing(self) -> list[BoundField]:
        """The required columns nobody recognised: what the sender is here for."""
        return [
            self[column.key]
            for column in self.kind.columns
            if column.required and column.key not in self.by_key
        ]

    @property
    def others(self) -> list[BoundField]:
        """Everything else, the required ones first."""
        columns = sorted(self.kind.columns, key=lambda column: not column.required)
        waiting = {field.name for field in self.missing}
        return [self[column.key] for column in columns if column.key not in waiting]

    @property
    def told(self) -> list[dict[str, str]]:
        """The errors, for components/error_summary.html."""
        return [
            {"text": f"{self[name].label}：{error}", "anchor": self[name].id_for_label}
            for name, errors in self.errors.items()
            for error in errors
        ]

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        taken: dict[str, str] = {}
        for column in self.kind.columns:
            heading = data.get(column.key)
            if heading and heading in taken:
                self.add_error(column.key, f"“{heading}”已经对应“{taken[heading]}”，一列只能用一次。")
            elif heading:
                taken[heading] = column.title
        return data

    @property
    def choice(self) -> dict[str, Any]:
        """For jobs.imports.staging.choose: heading → column key."""
        return {"mapping": {heading: key for key, heading in self.cleaned_data.items() if heading}}


class SheetForm(forms.Form):
    """Which of several filled sheets to read."""

    sheet = forms.ChoiceField(label="工作表", widget=forms.RadioSelect)

    def __init__(self, sheets: Sequence[str], *args, **kwargs) -> None:
        super().__init__(*args, **kwargs)
        cast(Any, self.fields["sheet"]).choices = [(name, name) for name in sheets]

    @property
    def choice(self) -> dict[str, Any]:
        """For jobs.imports.staging.choose."""
        return {"sheet": self.cleaned_data["sheet"]}
