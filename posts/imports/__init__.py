"""Workbooks of posts and workshops."""

from posts.imports.placements import Placements
from posts.imports.posts import Posts
from posts.imports.workshops import Workshops

__all__ = ["Placements", "Posts", "Workshops"]
