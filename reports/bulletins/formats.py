"""Every format of a bulletin, made from its stored snapshot and sentences and from nothing else."""

from __future__ import annotations

from collections.abc import Callable

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
        "html": lambda b: html.render(layout.document(b)).encode(),
        "docx": lambda b: docx.render(layout.document(b)),
        "pdf": lambda b: pdf.render(layout.document(b)),
        "xlsx": workbook.render,
        "json": as_json.render,
    }
    return renderers[form](bulletin)


def file_name(bulletin: Bulletin, form: str) -> str:
    version = "" if bulletin.version == 1 else f"（第{bulletin.version}版）"
    return f"{bulletin.title}{version}.{form}"
