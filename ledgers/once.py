"""A form is saved once: sent again by a nervous thumb or a slow line, it gets the first answer and changes nothing."""

from __future__ import annotations

import uuid
from collections.abc import Callable

from django.db import IntegrityError, transaction
from django.http import QueryDict

from accounts.authority import NotAllowed
from ledgers.models import SubmittedForm
from lib.crypto import blind_index

FIELD = "form_token"
_NOT_CONTENT = {FIELD, "csrfmiddlewaretoken"}


class Altered(NotAllowed):
    """The token of a saved form came back with other content."""


def new_token() -> str:
    return str(uuid.uuid4())


def once(user, data: QueryDict, save: Callable[[], str]) -> str:
    """Run `save`, which returns the address to go to, unless this form was saved before; then its first address.

    Both happen in one transaction, so that of two equal requests at once the second waits for the first.
    """
    token = str(data.get(FIELD, ""))[:36]
    content = _digest(data)
    with transaction.atomic():
        try:
            with transaction.atomic():
                mine = SubmittedForm.objects.create(user=user, token=token, content=content)
        except IntegrityError:
            first = SubmittedForm.objects.get(user=user, token=token)
            if first.content != content:
                raise Altered("这张表已经保存过，不能换了内容再次提交。请重新打开页面填写。") from None
            return first.answer
        mine.answer = save()
        mine.save(update_fields=["answer"])
        return mine.answer


def _digest(data: QueryDict) -> str:
    """Keyed, so that a short phone number cannot be guessed from it."""
    values = {key: data.getlist(key) for key in sorted(data) if key not in _NOT_CONTENT}
    return blind_index(repr(values), "form.content")
