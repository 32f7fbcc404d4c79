"""Every format of a bulletin, made from its stored snapshot and sentences and from nothing else.

Publishing keeps the files it made: what went out stays byte for byte, also when a later version prints differently.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from html import escape

from django.conf import settings

from accounts.audit import AuditEntry
from lib.documents import docx, html, pdf
from reports.bulletins import as_json, layout, workbook
from reports.models import Bulletin, BulletinFile

CONTENT_TYPES = {
    "html": "text/html; charset=utf-8",
    "docx": "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
    "pdf": "application/pdf",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    "json": "application/json",
}


class Damaged(Exception):
    """A kept file is not what was published."""


def keep(bulletin: Bulletin) -> dict[str, str]:
    """Write every format and keep the bytes; the SHA-256 of each. Raises LookupError when a slot has no number."""
    made = {form: render(bulletin, form) for form in CONTENT_TYPES}
    files = [
        BulletinFile(bulletin=bulletin, form=form, content=data, sha256=hashlib.sha256(data).hexdigest())
        for form, data in made.items()
    ]
    BulletinFile.objects.bulk_create(files)
    return {file.form: file.sha256 for file in files}


def content(bulletin: Bulletin, form: str) -> bytes:
    """What a reader gets: the kept bytes of what went out, a fresh file of what has not. Raises Damaged."""
    kept = None
    if bulletin.state in Bulletin.OUT:
        kept = BulletinFile.objects.filter(bulletin=bulletin, form=form).first()
    if kept is None:  # a draft, or published before files were kept
        return render(bulletin, form)
    data = bytes(kept.content)
    if hashlib.sha256(data).hexdigest() != kept.sha256:
        raise Damaged(form)
    return data


def first_difference() -> str:
    """The first kept file that is not what the audit trail says went out, as a sentence; empty when all are."""
    trail = AuditEntry.objects.filter(action="bulletin.keep").order_by("sequence")
    due = {
        (about, form): sha256
        for about, detail in trail.values_list("about", "detail")
        for form, sha256 in detail.items()
    }
    files = BulletinFile.objects.select_related("bulletin").order_by(
        "bulletin__published_at", "bulletin", "form"
    )
    for file in files.iterator(chunk_size=10):  # megabytes each
        said = due.pop((f"reports.bulletin:{file.bulletin_id}", file.form), "")
        if not said == file.sha256 == hashlib.sha256(bytes(file.content)).hexdigest():
            return f"《{file_name(file.bulletin, file.form)}》与签发时登记的校验码不一致"
    missing = min(due, default=None)
    return f"签发时保存的{missing[1]}文件缺失（{missing[0]}）" if missing else ""


def render(bulletin: Bulletin, form: str) -> bytes:
    """A fresh file in one of CONTENT_TYPES."""
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
