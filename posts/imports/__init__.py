"""Workbooks of posts and workshops."""

from posts.imports.attendance import AttendanceKind
from posts.imports.pay import PostPayKind
from posts.imports.placements import Placements
from posts.imports.posts import Posts
from posts.imports.workshops import Workshops

__all__ = ["AttendanceKind", "Placements", "PostPayKind", "Posts", "Workshops"]
