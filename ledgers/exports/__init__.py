"""The ledger as workbooks: every kind of export of this room registers itself when it is loaded."""

from ledgers.exports import handover, laborers, registers, sheet
from ledgers.exports.laborers import COLUMNS, cell_text, laborer_rows

__all__ = ["COLUMNS", "cell_text", "handover", "laborer_rows", "laborers", "registers", "sheet"]
