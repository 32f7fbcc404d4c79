"""Kinds of workbook of 补贴."""

from subsidies.imports import claims, training

__all__ = ["claims", "training"]
