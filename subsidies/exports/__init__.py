"""Kinds of export of 补贴: importing them registers them."""

from subsidies.exports import screening

__all__ = ["screening"]
