"""How every form looks: label, required mark, control, help, error; choices as tiles a thumb can hit.

Settings name `OfficeFormRenderer`; pages then print `{{ form }}` or `{{ form.name.as_field_group }}`.
"""

from typing import Any

from django import forms
from django.forms.boundfield import BoundField
from django.forms.renderers import DjangoTemplates
from django.forms.utils import flatatt
from django.template import loader
from django.utils.html import format_html
from django.utils.safestring import SafeString, mark_safe

TILE_WIDGETS = (forms.RadioSelect, forms.CheckboxSelectMultiple)
_BLANK = "---------"


class MonthInput(forms.TextInput):
    """A month as `2023-03`; browsers without a month picker show a text box with the same format."""

    input_type = "month"

    def __init__(self, attrs: dict[str, Any] | None = None) -> None:
        super().__init__({"pattern": r"[0-9]{4}-[0-9]{2}", "placeholder": "2023-03"} | (attrs or {}))


class OfficeBoundField(BoundField):
    """A field as the office's screens need it: classes, native pickers and ids that errors can link to."""

    def __init__(self, form: forms.BaseForm, field: forms.Field, name: str) -> None:
        super().__init__(form, field, name)
        _use_native_picker(field)
        _say_please_choose(field)
        _say_what_to_fill_in(field, str(self.label))

    @property
    def kind(self) -> str:
        """Which part of components/form/field.html draws the field: hidden, tiles, check or control."""
        widget = self.field.widget
        if widget.is_hidden:
            return "hidden"
        if isinstance(widget, TILE_WIDGETS):
            return "tiles"
        return "check" if isinstance(widget, forms.CheckboxInput) else "control"

    @property
    def anchor(self) -> str:
        """The id an error summary links to; a group of tiles carries it on its fieldset."""
        return self.auto_id if self.kind == "tiles" else self.id_for_label or self.auto_id

    @property
    def is_file(self) -> bool:
        return isinstance(self.field.widget, forms.FileInput)

    def build_widget_attrs(self, attrs: dict[str, Any], widget: forms.Widget | None = None) -> dict[str, Any]:
        widget = widget or self.field.widget
        attrs = super().build_widget_attrs(attrs, widget)
        if css := _css_class(widget):
            given = attrs.get("class") or widget.attrs.get("class", "")
            attrs["class"] = f"{css} {given}".strip()
        if isinstance(self.field, forms.IntegerField) and not self.field.localize:
            decimal = isinstance(self.field, forms.DecimalField | forms.FloatField)
            attrs.setdefault("inputmode", "decimal" if decimal else "numeric")
        return attrs


class OfficeFormRenderer(DjangoTemplates):
    """Django's own widget templates, with forms and fields drawn by templates/components/form/."""

    form_template_name = "components/form/form.html"
    field_template_name = "components/form/field.html"
    formset_template_name = "components/form/formset.html"
    bound_field_class = OfficeBoundField

    def render(self, template_name: str, context: dict[str, Any], request: Any = None) -> str:
        """Boxes and lists are most of a form, and Django takes a template for each of their options: written here."""
        widget = context.get("widget", {})
        if template_name == _SELECT:
            return _select(widget)
        if template_name in _INPUTS and not widget.get("wrap_label"):
            return _input(widget)
        return super().render(template_name, context, request)

    def get_template(self, template_name: str) -> Any:
        if template_name.startswith("components/"):
            return loader.get_template(template_name)
        return super().get_template(template_name)


_SELECT = "django/forms/widgets/select.html"
_INPUTS = {
    f"django/forms/widgets/{kind}.html"
    for kind in ("text", "hidden", "number", "date", "radio_option", "checkbox_option", "input")
}


def _select(widget: dict[str, Any]) -> SafeString:
    """What Django's select.html prints."""
    lines = [format_html('<select name="{}"{}>', widget["name"], flatatt(widget["attrs"]))]
    for group, options, _ in widget["optgroups"]:
        if group:
            lines.append(format_html('<optgroup label="{}">', group))
        lines += [
            format_html('<option value="{}"{}>{}</option>', one["value"], flatatt(one["attrs"]), one["label"])
            for one in options
        ]
        if group:
            lines.append(mark_safe("</optgroup>"))
    return mark_safe("".join([*lines, "</select>"]))  # noqa: S308 — every part is escaped


def _input(widget: dict[str, Any]) -> SafeString:
    """What Django's input.html prints."""
    value = {} if widget["value"] is None else {"value": str(widget["value"])}
    attrs = {"type": widget["type"], "name": widget["name"], **value, **widget["attrs"]}
    return format_html("<input{}>", flatatt(attrs))


def _css_class(widget: forms.Widget) -> str:
    if widget.is_hidden:
        return ""
    if isinstance(widget, (*TILE_WIDGETS, forms.CheckboxInput)):
        return "form-check-input"
    return "form-select" if isinstance(widget, forms.Select) else "form-control"


def _use_native_picker(field: forms.Field) -> None:
    """Date boxes use the phone's own picker, which wants ISO dates whatever the page's locale says."""
    widget = field.widget
    if type(widget) is forms.DateInput and widget.input_type == "text":
        widget.input_type, widget.format = "date", "%Y-%m-%d"


def _say_what_to_fill_in(field: forms.Field, label: str) -> None:
    """请填写姓名。 instead of Django's general sentence; a form that says its own keeps it."""
    if field.error_messages.get("required") != forms.Field.default_error_messages["required"]:
        return
    chosen = (*TILE_WIDGETS, forms.Select, forms.CheckboxInput, forms.FileInput)
    verb = "选择" if isinstance(field.widget, chosen) else "填写"
    field.error_messages["required"] = f"请回答“{label}”。" if label.endswith("？") else f"请{verb}{label}。"


def _say_please_choose(field: forms.Field) -> None:
    if isinstance(field, forms.ModelChoiceField) and field.empty_label == _BLANK:
        field.empty_label = "请选择"
        return
    choices = getattr(field.widget, "choices", None)
    if isinstance(choices, list) and choices and tuple(choices[0]) == ("", _BLANK):
        field.widget.choices = [("", "请选择"), *choices[1:]]
