"""Workbooks on their way into the ledgers, for every kind that a room registers with lib.staging.

reading → rows of a workbook under our columns     staging → every row judged, nothing written
chunks  → judged rows, compressed and encrypted    confirming → written in one transaction, taken back, decided on
problems → what is wrong, masked; the marked copy and the empty template
"""

from jobs.imports.confirming import NotNow, accept, confirm, dismiss, undo
from jobs.imports.problems import marked_copy, problems
from jobs.imports.staging import discard, judge, receive, stage

__all__ = [
    "NotNow",
    "accept",
    "confirm",
    "discard",
    "dismiss",
    "judge",
    "marked_copy",
    "problems",
    "receive",
    "stage",
    "undo",
]
