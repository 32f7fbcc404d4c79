"""What the page of a 采集表 sends."""

from __future__ import annotations

from typing import Any

from django.test import Client
from django.urls import reverse

from ledgers.collection import answers
from ledgers.models import CollectionForm

JSON = {"headers": {"Accept": "application/json"}}


def url(name: str, form: CollectionForm, *more: object) -> str:
    return reverse(f"ledgers:form_{name}", args=[form.pk, *more])


def typed(form: CollectionForm, **texts: str) -> dict[str, str]:
    """These answers over what the page showed of the form as it is in hand."""
    sent = dict(texts)
    for key in texts:
        sent[answers.WAS + key.split(":")[0]] = answers.mark(form, key.split(":")[0])
    return sent


def fill(client: Client, form: CollectionForm, **texts: str) -> Any:
    """Leave a field: the answer of the server to a script."""
    return client.post(url("fields", form), typed(form, **texts), **JSON)
