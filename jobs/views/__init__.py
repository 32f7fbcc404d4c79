"""Pages of one's own jobs and files (tasks), and of workbooks on their way (imports)."""

from django.http import HttpRequest

from accounts.models import User


class Request(HttpRequest):
    """A request that passed accounts.access: somebody is signed in."""

    user: User
