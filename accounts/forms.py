"""Forms of sign-in, users and units. Only the fields named here are ever read from a request."""

from __future__ import annotations

from django import forms
from django.contrib.auth.forms import PasswordChangeForm
from django.contrib.auth.password_validation import password_validators_help_texts


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

    def __init__(self, *args, **kwargs) -> None:
        super().__init__(*args, **kwargs)
        for field in self.fields.values():
            field.max_length = 128
        self.fields["old_password"].label = "现在的密码"
        self.fields["new_password1"].help_text = "".join(password_validators_help_texts())
        self.fields["new_password2"].label = "再输一遍新密码"
        self.fields["new_password2"].help_text = ""

    def clean(self) -> dict:
        cleaned = super().clean()
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
