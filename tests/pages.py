"""Pages as a signed-in client gets them and forms as it sends them, for the tests of the rooms' pages."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.http import HttpResponse
from django.test import Client
from django.urls import reverse


def text(answer: HttpResponse) -> str:
    return answer.content.decode()


def pages_of(room: str, follow: bool = False) -> tuple[Callable[..., str], Callable[..., Any]]:
    """Of (client, name in the room, keys): the text of a page (`query` behind its address), the answer to a form."""

    def page(client: Client, name: str, *args: object, query: str = "") -> str:
        answer = client.get(reverse(f"{room}:{name}", args=args) + query)
        assert answer.status_code == 200
        return text(answer)

    def post(client: Client, name: str, /, *args: object, **data: object) -> Any:
        return client.post(reverse(f"{room}:{name}", args=args), data, follow=follow)

    return page, post
