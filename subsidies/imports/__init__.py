"""Kinds of workbook of 补贴."""

from subsidies.imports import claims

__all__ = ["claims"]
