"""Forms of sign-in, users and units. Only the fields named here are ever read from a request."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib.auth.forms import PasswordChangeForm
from django.contrib.auth.password_validation import password_validators_help_texts

from accounts.audit_words import GROUPS
from accounts.authority import NotAllowed, because
from accounts.models import Level, Unit, User
from accounts.roles import Role


class LoginForm(forms.Form):
    username = forms.CharField(
        label="用户名",
        max_length=40,
        widget=forms.TextInput({"autocomplete": "username", "autocapitalize": "none", "autofocus": True}),
    )
    password = forms.CharField(
        label="密码",
        max_length=128,
        strip=False,
        widget=forms.PasswordInput({"autocomplete": "current-password"}),
    )


class PasswordForm(PasswordChangeForm):
    """The old password once, the new one twice; the new one must be another."""

    fields: dict[str, Any]  # each of its own kind

    def __init__(self, *args, **kwargs) -> None:
        super().__init__(*args, **kwargs)
        for field in self.fields.values():
            field.max_length = 128
        self.fields["old_password"].label = "现在的密码"
        self.fields["new_password1"].help_text = "".join(password_validators_help_texts())
        self.fields["new_password2"].label = "再输一遍新密码"
        self.fields["new_password2"].help_text = ""

    def clean(self) -> dict:
        super().clean()
        cleaned = self.cleaned_data
        new = cleaned.get("new_password1")
        if new and new == cleaned.get("old_password"):
            self.add_error("new_password1", "新密码不能与现在的密码相同。")
        return cleaned


class TokenForm(forms.Form):
    token = forms.RegexField(
        r"^\s*\d{3}\s?\d{3}\s*$",
        label="动态码",
        widget=forms.TextInput({"inputmode": "numeric", "autocomplete": "one-time-code", "autofocus": True}),
        help_text="手机验证器应用显示的六位数字。",
        error_messages={"invalid": "请输入六位数字。"},
    )

    def clean_token(self) -> str:
        return "".join(self.cleaned_data["token"].split())


class RevealForm(forms.Form):
    """What the reveal dialog sends: a reason from the list, and a note that 其他 needs."""

    reason = forms.CharField(max_length=40)
    note = forms.CharField(max_length=100, required=False)

    def clean(self) -> dict:
        super().clean()
        cleaned = self.cleaned_data
        reason, note = cleaned.get("reason", "").strip(), cleaned.get("note", "").strip()
        told = note if reason == "其他" else reason
        try:
            because(told, "查看原因")
        except NotAllowed as refusal:
            raise forms.ValidationError(str(refusal)) from None
        cleaned["reason"] = f"{reason}：{note}" if note else reason
        return cleaned


class UnitField(forms.CharField):
    """A unit within reach, by its code or by a name that only one of them has."""

    def __init__(self, **kwargs) -> None:
        kwargs.setdefault("help_text", "填单位编码；名称在您的管辖范围内不重复时，也可以填名称。")
        super().__init__(max_length=60, **kwargs)
        self.units = Unit.objects.none()

    def clean(self, value: str) -> Unit | None:
        text = super().clean(value)
        if not text:
            return None
        found = list(self.units.filter(code=text.upper())) or list(self.units.filter(name=text)[:6])
        if not found:
            raise forms.ValidationError("没有这个单位，或不在您的管辖范围，请核对编码或名称。")
        if len(found) > 1:
            codes = "、".join(f"{unit.full_name}（{unit.code}）" for unit in found[:5])
            raise forms.ValidationError(f"有多个单位叫这个名称，请改填编码：{codes}。")
        return found[0]


STATES = (("active", "在用"), ("disabled", "停用"), ("first", "未改初始密码"), ("none", "无任职"))


class UserFilter(forms.Form):
    q = forms.CharField(label="用户名或姓名", max_length=40, required=False)
    role = forms.ChoiceField(label="角色", choices=[("", "全部"), *Role.choices], required=False)
    state = forms.ChoiceField(label="状态", choices=[("", "全部"), *STATES], required=False)
    unit = forms.CharField(widget=forms.HiddenInput, max_length=20, required=False)


class NewUserForm(forms.Form):
    username = forms.RegexField(
        r"^[A-Za-z0-9._-]{3,40}$",
        label="用户名",
        help_text="3 到 40 位字母、数字，登录时使用，以后不能改。",
        error_messages={"invalid": "用户名由 3 到 40 位字母、数字、点、横线组成。"},
        widget=forms.TextInput({"autocomplete": "off", "autocapitalize": "none"}),
    )
    name = forms.CharField(label="姓名", max_length=50)
    role = forms.ChoiceField(label="角色", widget=forms.RadioSelect)
    fields: dict[str, Any]  # each of its own kind

    def __init__(self, *args, roles: list[tuple[str, str]], **kwargs) -> None:
        super().__init__(*args, **kwargs)
        self.fields["role"].choices = roles
        if len(roles) == 1:
            self.fields["role"].initial = roles[0][0]

    def clean_username(self) -> str:
        username = self.cleaned_data["username"]
        if User.objects.filter(username__iexact=username).exists():
            raise forms.ValidationError("这个用户名已经有人使用，请换一个。")
        return username


class PostingForm(forms.Form):
    unit = UnitField(label="单位")
    role = forms.ChoiceField(label="角色")
    fields: dict[str, Any]  # each of its own kind

    def __init__(self, *args, units, roles, **kwargs) -> None:
        super().__init__(*args, **kwargs)
        self.fields["unit"].units = units
        self.fields["role"].choices = [(role.value, role.label) for role in Role if role in roles]


class NewUnitForm(forms.Form):
    fields: dict[str, Any]  # each of its own kind
    code = forms.RegexField(
        r"^[0-9A-Za-z]{1,20}$",
        label="单位编码",
        help_text="在上级编码后接续，例如上级 4202DY01，本单位 4202DY0105；以后不能改。",
        error_messages={"invalid": "只能由 1 到 20 位数字和字母组成。"},
    )
    name = forms.CharField(label="单位名称", max_length=60)
    level = forms.ChoiceField(label="级别")
    gb_code = forms.RegexField(
        r"^(\d{12})?$",
        label="国标代码",
        required=False,
        help_text="统计用区划代码 12 位；没有的留空。",
        error_messages={"invalid": "请填 12 位数字，没有的留空。"},
    )

    def __init__(self, *args, parent: Unit | None, **kwargs) -> None:
        super().__init__(*args, **kwargs)
        levels = list(Level)
        below = levels[levels.index(Level(parent.level)) + 1 :] if parent else levels[:2]
        self.fields["level"].choices = [(level.value, level.label) for level in below]

    def clean_code(self) -> str:
        code = self.cleaned_data["code"].upper()
        if Unit.objects.filter(code=code).exists():
            raise forms.ValidationError("这个编码已经有单位使用，请换一个。")
        return code


class RenameForm(forms.Form):
    name = forms.CharField(label="新名称", max_length=60)


class MoveForm(forms.Form):
    fields: dict[str, Any]  # each of its own kind
    parent = UnitField(label="划入哪个上级")
    from_day = forms.DateField(label="从哪天起", help_text="这一天以前的数据仍归原上级。")
    sure = forms.BooleanField(label="已核对，确定划转")

    def __init__(self, *args, units, **kwargs) -> None:
        super().__init__(*args, **kwargs)
        self.fields["parent"].units = units


class CloseForm(forms.Form):
    fields: dict[str, Any]  # each of its own kind
    into = UnitField(
        label="并入哪个单位",
        required=False,
        help_text="合并的填写：人员、户、岗位和车间转入，原名称以后指这个单位。",
    )
    day = forms.DateField(label="撤销日期", help_text="这一天以后不再报送；历史数据保留。")
    sure = forms.BooleanField(label="已核对，确定撤销")

    def __init__(self, *args, units, **kwargs) -> None:
        super().__init__(*args, **kwargs)
        self.fields["into"].units = units


class AuditFilter(forms.Form):
    q = forms.CharField(label="操作人用户名或姓名", max_length=40, required=False)
    group = forms.ChoiceField(label="类别", choices=[("", "全部"), *GROUPS.items()], required=False)
    since = forms.DateField(label="从", required=False)
    until = forms.DateField(label="到", required=False)
    unit = forms.CharField(widget=forms.HiddenInput, max_length=20, required=False)
