"""When villages merge their open posts and workshops go on in the village that remains."""

from __future__ import annotations

import datetime as dt

from django.db.models import Q

from accounts.authority import NotAllowed
from accounts.models import Unit, User
from posts.models import Post, Workshop


def bring_over(unit: Unit, into: Unit | None, day: dt.date, by: User | None) -> dict[str, int]:
    """Move what is still open after `day`; what ended before stays in the history of `unit`."""
    still = Q(closed_on=None) | Q(closed_on__gt=day)
    kept = {
        "posts": Post.objects.filter(still, unit=unit).exclude(state=Post.State.REFUSED),
        "workshops": Workshop.objects.filter(still, unit=unit),
    }
    if into is None:
        if any(rows.exists() for rows in kept.values()):
            raise NotAllowed(
                f"{unit.name}还有在用的公益性岗位或帮扶车间，请选择并入哪个单位，或者先撤销岗位和车间。"
            )
        return {}
    return {name: rows.update(unit=into) for name, rows in kept.items()}
