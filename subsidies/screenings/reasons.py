"""未申领原因: the village or township notes why somebody entitled has not claimed (I19)."""

from __future__ import annotations

from typing import Any

from django.db import transaction
from django.utils import timezone

from accounts.audit import record
from accounts.authority import NotAllowed
from accounts.models import User
from ledgers.models import Laborer
from subsidies.models import REASONS, Claim, Screened, Unclaimed, Waiver
from subsidies.rules import NOT_ENTITLED


@transaction.atomic
def note_reason(line: Screened, reason: str, note: str, by: User) -> Unclaimed:
    """Keep why the person of this line has not claimed for its 所属期; noted again, the newest stays."""
    scheme, village = line.screening.scheme, line.village
    if not by.can("subsidy", "p", village):
        raise NotAllowed("未申领原因由村和乡镇登记，您没有登记的权限。")
    if reason not in REASONS:
        raise NotAllowed("请选择未申领的原因。")
    if reason == REASONS[-1] and not note.strip():
        raise NotAllowed("选“其他”的，请写明原因。")
    Laborer.objects.select_for_update(no_key=True).get(pk=line.laborer_id)
    if line.result == NOT_ENTITLED:
        raise NotAllowed("这个人不符合条件，不用登记未申领原因。")
    key: dict[str, Any] = {
        "laborer_id": line.laborer_id,
        "code": scheme.code,
        "period": line.screening.period,
    }
    if Claim.objects.alive().filter(**key).exists():
        raise NotAllowed("这个人已经申请，不用登记未申领原因。")
    if Waiver.objects.filter(withdrawn_at=None, **key).exists():
        raise NotAllowed("这个人已经自愿放弃，不用登记未申领原因。")
    said: dict[str, Any] = {
        "village": village, "reason": reason, "note": " ".join(note.split())[:100], "by": by, "at": timezone.now(),
    }  # fmt: skip
    made, _ = Unclaimed.objects.update_or_create(defaults=said, **key)
    record("subsidy.reason", by, made, village, code=scheme.code, period=line.screening.period, reason=reason)
    return made
