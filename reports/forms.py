"""Tables of numbers to enter: one box per unit and figure, each with the number its user was looking at."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django import forms

from accounts.models import Unit
from lib.rates import thousands
from reports.figures import FIGURES
from reports.imports import MOST

Key = tuple[int, str]  # unit, figure


class CountField(forms.IntegerField):
    """A whole number; "37,409" as printed is welcome. An empty box is no number, not zero."""

    def __init__(self, label: str, **kwargs: Any) -> None:
        widget = forms.TextInput(attrs={"aria-label": label, "autocomplete": "off", "class": "num"})
        super().__init__(label=label, min_value=0, max_value=MOST, required=False, widget=widget, **kwargs)

    def to_python(self, value: Any) -> int | None:
        return super().to_python(str(value or "").strip().replace(",", "").replace("，", ""))


class NumbersForm(forms.Form):
    """`stored` holds the numbers of the database by unit and figure."""

    def __init__(
        self, units: Iterable[Unit], figures: Iterable[str], stored: dict[Key, int], data: Any = None
    ) -> None:
        self.units, self.figures, self.stored = list(units), list(figures), stored
        super().__init__(data, initial={name(*key): value for key, value in stored.items()})
        for unit in self.units:
            for figure in self.figures:
                self.fields[name(unit.pk, figure)] = CountField(f"{unit.name}{FIGURES[figure].name}")

    def cells(self, unit: Unit) -> list[dict[str, Any]]:
        """Bound field, and what the user sees now, per figure of one unit."""
        return [
            {
                "field": self[name(unit.pk, figure)],
                "seen_name": seen(unit.pk, figure),
                "seen": self.stored.get((unit.pk, figure), ""),
                "text": thousands(self.stored.get((unit.pk, figure))),
                "label": f"{FIGURES[figure].name}（{FIGURES[figure].measure}）",
            }
            for figure in self.figures
        ]

    def changes(self) -> list[tuple[Unit, str, int | None, int | None]]:
        """(unit, figure, number seen, number wanted) of every box the user changed."""
        found = []
        for unit in self.units:
            for figure in self.figures:
                wanted = self.cleaned_data[name(unit.pk, figure)]
                before = self.data.get(seen(unit.pk, figure), "")
                looked_at = int(before) if before.isdecimal() and len(before) < 10 else None
                if wanted != looked_at:
                    found.append((unit, figure, looked_at, wanted))
        return found


def name(unit: int, figure: str) -> str:
    return f"n-{unit}-{figure}"


def seen(unit: int, figure: str) -> str:
    return f"seen-{unit}-{figure}"
