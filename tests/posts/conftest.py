"""Clients of the pages of posts and workshops."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from django.test import Client

from accounts.models import User


@pytest.fixture
def as_(client: Client) -> Callable[[User], Client]:
    """The one client, signed in as this user."""

    def sign_in(user: User) -> Client:
        client.force_login(user)
        return client

    return sign_in
