"""Every format of a bulletin, made from its stored snapshot and sentences and from nothing else."""

from __future__ import annotations

from collections.abc import Callable
from html import escape

from django.conf import settings

from lib.documents import docx, html, pdf
from reports.bulletins import as_json, layout, workbook
from reports.models import Bulletin

CONTENT_TYPES = {
    "html": "text/html; charset=utf-8",
    "docx": "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
    "pdf": "application/pdf",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    "json": "application/json",
}


def render(bulletin: Bulletin, form: str) -> bytes:
    """The file in one of CONTENT_TYPES; a published bulletin gives the same PDF for ever."""
    renderers: dict[str, Callable[[Bulletin], bytes]] = {
        "html": page,
        "docx": lambda b: docx.render(layout.document(b)),
        "pdf": lambda b: pdf.render(layout.document(b)),
        "xlsx": workbook.render,
        "json": as_json.render,
    }
    return renderers[form](bulletin)


def page(bulletin: Bulletin) -> bytes:
    """A page that stands alone: it carries its own style, so that it opens anywhere."""
    style = (settings.BASE_DIR / "static/css/document.css").read_text()
    body, title = html.render(layout.document(bulletin)), escape(bulletin.title)
    return (
        f'<!doctype html><html lang="zh-CN"><head><meta charset="utf-8"><title>{title}</title>'
        f'<meta name="viewport" content="width=device-width"><style>{style}</style></head><body>{body}</body></html>'
    ).encode()


def file_name(bulletin: Bulletin, form: str) -> str:
    version = "" if bulletin.version == 1 else f"（第{bulletin.version}版）"
    return f"{bulletin.title}{version}.{form}"
