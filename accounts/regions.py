"""The official code table of places people work in, from accounts/data/regions.csv."""

from __future__ import annotations

import csv
from pathlib import Path

DATA = Path(__file__).parent / "data" / "regions.csv"
YEAR = 2023
PLACEHOLDERS = frozenset({"市辖区", "县", "省直辖县级行政区划", "自治区直辖县级行政区划"})


def load(path: Path = DATA, model=None) -> int:
    """Bring the table to the state of the file; run twice it changes nothing. Returns the rows of the file."""
    if model is None:
        from accounts.models import Region as model
    with path.open(encoding="utf-8", newline="") as file:
        rows = [
            model(code=line["code"], name=line["name"], parent_code=line["parent"], year=YEAR)
            for line in csv.DictReader(file)
        ]
    model.objects.bulk_create(
        rows,
        batch_size=1000,
        update_conflicts=True,
        unique_fields=["code"],
        update_fields=["name", "parent_code", "year"],
    )
    return len(rows)


def children(parent: str) -> list[dict[str, str]]:
    """Places directly below the code, provinces for the empty code. Placeholders like 市辖区 give their own below."""
    from accounts.models import Region

    rows = Region.objects.filter(parent_code=parent, withdrawn=False).order_by("code")
    return [{"code": row.code, "name": row.name} for row in rows]


def search(text: str, limit: int = 20) -> list[dict[str, str]]:
    """Places whose name contains the text (two characters or more) or whose code begins with it, written out."""
    from accounts.models import Region

    if len(text) < 2:
        return []
    by_code = text.isascii() and text.isdecimal()
    match = {"code__startswith": text} if by_code else {"name__contains": text}
    found = list(Region.objects.filter(**match, withdrawn=False).order_by("code")[:limit])
    ways = {code[:cut] + "0" * (6 - cut) for code in (row.code for row in found) for cut in (2, 4, 6)}
    above = dict(Region.objects.filter(code__in=ways).values_list("code", "name"))
    return [{"code": row.code, "name": _way(row, above)} for row in found]


def full_name(code: str) -> str:
    """广东省深圳市南山区 for 440305; empty for an unknown code."""
    from accounts.models import Region

    row = Region.objects.filter(code=code).first()
    if row is None:
        return ""
    ways = [code[:2] + "0000", code[:4] + "00", code[:6]]
    return _way(row, dict(Region.objects.filter(code__in=ways).values_list("code", "name")))


def _way(row, above: dict[str, str]) -> str:
    names = [above.get(code, "") for code in (row.code[:2] + "0000", row.code[:4] + "00") if code != row.code]
    if len(row.code) > 6:
        names.append(above.get(row.code[:6], ""))
    return "".join(name for name in names if name not in PLACEHOLDERS) + row.name
