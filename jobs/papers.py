"""Papers that prove something: photographs and PDFs, known by their first bytes whatever their names say."""

from __future__ import annotations

from collections.abc import Mapping

from django.core.files.uploadedfile import UploadedFile

from accounts.authority import NotAllowed
from accounts.models import Unit, User
from jobs.files import store_file
from jobs.models import StoredFile

LARGEST = 8 * 2**20  # bytes of one paper
IMAGES = {b"\xff\xd8\xff": ("jpg", "image/jpeg"), b"\x89PNG\r\n\x1a\n": ("png", "image/png")}
PAPERS = IMAGES | {b"%PDF-": ("pdf", "application/pdf")}


def read(upload: UploadedFile | None, what: str) -> bytes:
    """The bytes of an upload, none without one; refused before they are read where they are too many."""
    if upload is None:
        return b""
    if upload.size is None or upload.size > LARGEST:
        raise NotAllowed(f"{what}不超过{LARGEST >> 20}MB，请压缩或拍小一些再上传。")
    return upload.read()


def store(
    by: User, name: str, data: bytes, what: str, *, unit: Unit, right: str, kinds: Mapping = PAPERS
) -> StoredFile:
    """Keep a paper of `unit` as `name` with the suffix of its kind; `what` says in a refusal what was asked for.

    The name tells no person. Raises NotAllowed for another kind of file and for one above LARGEST bytes.
    """
    found = next((kind for head, kind in kinds.items() if data.startswith(head)), None)
    if found is None or len(data) > LARGEST:
        *others, last = (suffix.upper() for suffix, _ in kinds.values())
        raise NotAllowed(f"{what}请上传{'、'.join(others)}或{last}，不超过{LARGEST >> 20}MB。")
    suffix, content_type = found
    return store_file(by, f"{name}.{suffix}", data, content_type, unit=unit, right=right)
