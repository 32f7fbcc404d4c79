"""Workbooks of posts and workshops."""

from posts.imports.placements import Placements
from posts.imports.workshops import Workshops

__all__ = ["Placements", "Workshops"]
