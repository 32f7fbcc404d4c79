"""Workbooks about people: 劳动力台账 and the exports of the national system.

columns, cells → what a sheet says     known → what the ledger has
judging → verdicts     writing, undoing → bulk writes and their way back     laborers, national, receipts → the kinds
"""

from ledgers.imports.laborers import Laborers
from ledgers.imports.national import NationalBase, NationalPlan, NationalWork
from ledgers.imports.receipts import Receipts

__all__ = ["Laborers", "NationalBase", "NationalPlan", "NationalWork", "Receipts"]
