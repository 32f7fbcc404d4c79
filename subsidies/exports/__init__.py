"""Lists and registers of 补贴."""

from subsidies.exports import claims, screening, training

__all__ = ["claims", "screening", "training"]
