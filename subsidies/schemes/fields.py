"""Form fields of a rule's parts: yuan as people type them, and one field per parameter of a clause."""

from __future__ import annotations

from typing import Any

from django import forms
from django.core.exceptions import ValidationError

from ledgers.codes import choices
from lib.money import parse_yuan, yuan
from subsidies.clauses import Param
from subsidies.schemes import SCHEMES

MOST_YUAN = 10_000_000


class MoneyField(forms.CharField):
    """Yuan with at most two places on the screen, whole fen inside; more than nothing."""

    def __init__(self, **kwargs: Any) -> None:
        kwargs.setdefault("widget", forms.TextInput({"inputmode": "decimal"}))
        super().__init__(max_length=16, empty_value=None, **kwargs)

    def prepare_value(self, value: Any) -> Any:
        return yuan(value, plain=True).removesuffix(".00") if isinstance(value, int) else value

    def clean(self, value: Any) -> int | None:
        text = super().clean(value)
        if not text:
            return None
        try:
            fen = parse_yuan(text)
        except ValueError as fault:
            raise ValidationError(f"“{text}”{fault}") from fault
        if not 0 < fen <= MOST_YUAN * 100:
            raise ValidationError("金额应大于0元，不超过一千万元。")
        return fen


def field_of(param: Param) -> forms.Field:
    """The form field that asks for one parameter."""
    if param.kind == "flag":
        return forms.BooleanField(label=param.label, required=False)
    if param.kind == "number":
        return forms.IntegerField(
            label=param.label, required=not param.optional, min_value=param.least, max_value=param.most
        )
    if param.kind == "choice":
        return forms.ChoiceField(label=param.label, choices=choices(param.choices))
    offered = (
        [(one.code, one.name) for one in SCHEMES.values()]
        if param.kind == "schemes"
        else choices(param.choices)
    )
    return forms.MultipleChoiceField(
        label=param.label, choices=offered, widget=forms.CheckboxSelectMultiple, required=not param.optional
    )
