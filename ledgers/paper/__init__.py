"""The 采集表 on paper: filled in from the ledger, A4, the form in front and how to fill it in on the back."""

from ledgers.paper.printing import blank_sheet, book, render, sheets

__all__ = ["blank_sheet", "book", "render", "sheets"]
