"""Fields that forms of every room have: a day, an amount, a few words, a paper."""

from __future__ import annotations

from typing import Any

from django import forms

from jobs.papers import LARGEST
from lib.money import parse_yuan


def day_field(label: str, **more: Any) -> forms.DateField:
    return forms.DateField(label=label, widget=forms.DateInput({"type": "date"}, "%Y-%m-%d"), **more)


def words_field(label: str, most: int = 200, **more: Any) -> forms.CharField:
    return forms.CharField(label=label, max_length=most, widget=forms.Textarea({"rows": 2}), **more)


def paper_field(label: str, **more: Any) -> forms.FileField:
    """A photograph or PDF, as jobs.papers keeps it."""
    accepted = {"data-max-mb": str(LARGEST >> 20), "accept": "image/jpeg,image/png,application/pdf"}
    return forms.FileField(label=label, widget=forms.FileInput(accepted), **more)


class YuanField(forms.CharField):
    """An amount in yuan as people write it, kept as fen; None when nothing is written."""

    def clean(self, value: Any) -> Any:
        text = super().clean(value)
        if not text:
            return None
        try:
            return parse_yuan(text)
        except ValueError as error:
            raise forms.ValidationError(str(error)) from error
