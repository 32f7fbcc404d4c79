"""A kept file as an answer, for the rooms that decide themselves who may open it."""

from __future__ import annotations

from django.http import Http404, StreamingHttpResponse
from django.utils.http import content_disposition_header

from jobs.files import open_file, path_of
from jobs.models import StoredFile


def answer(stored: StoredFile | None, *, attached: bool = True) -> StreamingHttpResponse:
    """The content, decrypted piece by piece, to be saved or (not `attached`) shown; no file is a missing page."""
    if stored is None or not path_of(stored).exists():
        raise Http404
    response = StreamingHttpResponse(open_file(stored), content_type=stored.content_type)
    if attached:
        response["Content-Disposition"] = content_disposition_header(True, stored.name)
    response["Content-Length"] = stored.size
    response["Cache-Control"] = "no-store, private"
    return response
