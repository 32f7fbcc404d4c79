"""Until which day a month is filled in: the rule that counts for a unit, and the exceptions to it.

The last day of month M is the N-th of M itself, in Asia/Shanghai, to its last second: 每月20日前 is what
`periods.due_words` has always counted. Of the units above, and the unit itself, the nearest with a rule for the month
decides, of its rules the one that begins last, of two that begin together the one set last. Nobody with a rule: no
deadline. Exceptions add days and never take any away; a closed month is closed whatever they say.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable

from accounts.models import Unit
from ledgers.models import EntryException, EntryRule
from lib.month import Month


def rules_for(unit: Unit) -> list[EntryRule]:
    """Every rule that `unit` and those above it ever set."""
    return list(EntryRule.objects.filter(unit__code__in=unit.ancestor_codes).select_related("unit", "set_by"))


def rule_of(rules: Iterable[EntryRule], month: Month) -> EntryRule | None:
    """The one of `rules`, all of units above one another, that counts for `month`."""
    begun = [rule for rule in rules if rule.from_month <= month]
    return max(begun, key=lambda rule: (len(rule.unit.path), rule.from_month, rule.pk), default=None)


def last_day(rule: EntryRule | None, month: Month) -> dt.date | None:
    """The last day on which `month` is filled in, without exceptions; None: until it is closed."""
    return None if rule is None or rule.day is None else month.first_day.replace(day=rule.day)


def exception_of(unit: Unit, month: Month) -> EntryException | None:
    """The exception that lasts longest for the unit, its own or of a unit above it; it may be over by now."""
    found = EntryException.objects.standing().filter(unit__code__in=unit.ancestor_codes, month=month)
    return max(found.select_related("office"), key=lambda one: one.until, default=None)


def spoken(day: dt.date) -> str:
    """3月20日."""
    return f"{day.month}月{day.day}日"
