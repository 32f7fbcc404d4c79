"""Uploads beyond the limit, or of nobody who is signed in, are read past and never kept."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.core.files.uploadhandler import FileUploadHandler, SkipFile

TOO_BIG = "upload_too_big"  # attribute of the request
FORM_ROOM = 64 * 1024  # bytes of a request that are not the file


class LimitedUpload(FileUploadHandler):
    """Stands first in FILE_UPLOAD_HANDLERS: skips files of strangers, and marks a request that is too big.

    What passes is held in memory by the next handler, whose own bound is the same.
    """

    def handle_raw_input(self, input_data: Any, meta: Any, content_length: int, *rest: Any) -> None:
        self.too_big = content_length > settings.UPLOAD_MAX_BYTES + FORM_ROOM
        user = getattr(self.request, "user", None)
        self.unwanted = self.too_big or user is None or not user.is_authenticated
        setattr(self.request, TOO_BIG, self.too_big)

    def new_file(self, *args: Any, **kwargs: Any) -> None:
        super().new_file(*args, **kwargs)
        if self.unwanted:
            raise SkipFile

    def receive_data_chunk(self, raw_data: bytes, start: int) -> bytes:
        return raw_data

    def file_complete(self, file_size: int) -> None:
        return None
