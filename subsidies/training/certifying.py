"""The verbs of 证书: given to who finished, and taken back when it was a slip of the pen."""

from __future__ import annotations

import datetime as dt

from django.db import IntegrityError, transaction
from django.utils import timezone

from accounts.audit import record
from accounts.authority import NotAllowed
from accounts.models import User
from subsidies.models import Certificate, Completion, Enrolment, TrainingClass
from subsidies.training.classes import locked

KINDS = ("职业资格证书", "职业技能等级证书", "专项职业能力证书", "培训合格证书", "创业培训合格证书")
GIVING = (TrainingClass.State.FINISHED, TrainingClass.State.CERTIFIED, TrainingClass.State.SETTLED)


@transaction.atomic
def certify(
    row: Enrolment, kind: str, number: str, issued_on: dt.date, by: User, level: str = ""
) -> Certificate:
    """The certificate of somebody who finished (YD-J04); the same once more is the first."""
    one = locked(row.training_class, by)
    completion = Completion.objects.select_for_update().filter(enrolment=row).first()
    kind, number = " ".join(kind.split()), "".join(number.split())
    if completion is None:
        raise NotAllowed(f"{row.laborer.name}没有结业，不能登记证书：取证人数不能多于培训人数。")
    if not kind or not number:
        raise NotAllowed(f"请填写{row.laborer.name}的证书名称和证书编号。")
    if issued_on > timezone.localdate() or (one.starts_on and issued_on < one.starts_on):
        raise NotAllowed(f"{row.laborer.name}的发证日期应在开班以后，不晚于今天。")
    held = Certificate.objects.filter(completion=completion).first()
    if held:
        if (held.kind, held.number) == (kind, number):
            return held
        raise NotAllowed(f"{row.laborer.name}已经登记证书，要更正请先撤销原来的。")
    try:
        with transaction.atomic():
            made = Certificate.objects.create(
                completion=completion,
                kind=kind,
                number=number,
                level=level.strip(),
                issued_on=issued_on,
                by=by,
            )
    except IntegrityError:
        raise NotAllowed(f"证书编号“{number}”已经登记在别人名下，请核对。") from None
    record("training.certify", by, row, row.village, name=one.name, number=number)
    return made


@transaction.atomic
def take_certificate_back(row: Enrolment, by: User) -> None:
    """Remove a certificate entered by mistake; the audit trail keeps its number."""
    one = locked(row.training_class, by)
    held = Certificate.objects.select_for_update().filter(completion__enrolment=row).first()
    if held is None:
        return
    number = held.number
    held.delete()
    record("training.uncertify", by, row, row.village, name=one.name, number=number)
