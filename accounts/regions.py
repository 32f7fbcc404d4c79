"""The official code table of places people work in, from accounts/data/regions.csv."""

from __future__ import annotations

import csv
from pathlib import Path

DATA = Path(__file__).parent / "data" / "regions.csv"
YEAR = 2023


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
