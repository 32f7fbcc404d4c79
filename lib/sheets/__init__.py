"""The only reader and writer of xlsx, xls and csv. Plain Python: no models, no Django.

guard → what may be opened at all      read → Workbook of raw cells      layout → header, body, footers
cells → a raw cell as month, money, …  write → formula-inert files       mark → the user's own sheet, coloured
"""

from .cells import (
    INFO,
    OK,
    REJECT,
    REVIEW,
    UNTIL_NOW,
    Parsed,
    cell_problem,
    clean,
    text,
    to_bool,
    to_date,
    to_int,
    to_money,
    to_month,
    to_text,
)
from .guard import HOSTILE, Limits, Refused
from .layout import (
    RESULT_COLUMN,
    Body,
    Header,
    body,
    choose_sheet,
    column_letter,
    find_header,
    is_footer_row,
    normalise_title,
)
from .mark import mark_copy
from .read import Cell, Note, Sheet, Workbook, read_workbook
from .write import Column, Marked, Table, write_csv, write_rows_fast, write_workbook

__all__ = [
    "HOSTILE",
    "INFO",
    "OK",
    "REJECT",
    "RESULT_COLUMN",
    "REVIEW",
    "UNTIL_NOW",
    "Body",
    "Cell",
    "Column",
    "Header",
    "Limits",
    "Marked",
    "Note",
    "Parsed",
    "Refused",
    "Sheet",
    "Table",
    "Workbook",
    "body",
    "cell_problem",
    "choose_sheet",
    "clean",
    "column_letter",
    "find_header",
    "is_footer_row",
    "mark_copy",
    "normalise_title",
    "read_workbook",
    "text",
    "to_bool",
    "to_date",
    "to_int",
    "to_money",
    "to_month",
    "to_text",
    "write_csv",
    "write_rows_fast",
    "write_workbook",
]
