"""Forms of a batch: what finance says, the kind of file, the bank's answer, one line, money that came back."""

from __future__ import annotations

from django import forms

from ledgers.fields import YuanField, day_field
from subsidies.batches.paying import LARGEST
from subsidies.models import PaymentLine


class FundForm(forms.Form):
    """财政确认."""

    number = forms.CharField(label="财政文号", max_length=60)
    on = day_field("财政确认日期")
    fund = forms.CharField(label="资金来源", max_length=40)


class SendForm(forms.Form):
    """Which kind of file the bank takes."""

    form = forms.ChoiceField(
        label="文件格式", choices=[("xlsx", "Excel（xlsx）"), ("csv", "文本（csv）")], initial="xlsx",
        widget=forms.RadioSelect,
    )  # fmt: skip


class ResultForm(forms.Form):
    """银行回单."""

    file = forms.FileField(
        label="银行回单", help_text="Excel或csv，要有账号、金额、结果（成功/失败）、原因、交易日期、流水号各列。",
        widget=forms.FileInput({"data-max-mb": str(LARGEST >> 20), "accept": ".xlsx,.xls,.csv"}),
    )  # fmt: skip


class WhyForm(forms.Form):
    """Why a line leaves the batch, or the batch is given up."""

    why = forms.CharField(label="原因", max_length=100, help_text="至少四个字，留在操作记录里。")


class MarkForm(forms.Form):
    """One line as the bank says it."""

    outcome = forms.ChoiceField(
        label="银行结果", widget=forms.RadioSelect,
        choices=[(PaymentLine.State.PAID, "到账"), (PaymentLine.State.FAILED, "退票")],
    )  # fmt: skip
    on = day_field("到账日期", required=False, help_text="到账的必填。")
    words = forms.CharField(label="银行流水号或退票原因", max_length=60, help_text="照银行的凭证填写。")


class RefundForm(forms.Form):
    """追回."""

    ground = forms.CharField(label="追回原因", max_length=100)
    amount = YuanField(
        label="缴回金额（元）", max_length=20, widget=forms.TextInput({"inputmode": "decimal"})
    )
    on = day_field("缴回日期")
    voucher = forms.CharField(label="缴款凭证号", max_length=60)
