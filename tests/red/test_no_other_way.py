"""There is no further way in: no admin site writes past the verbs, and no command does but the import of a workbook."""

from __future__ import annotations

from django.apps import apps
from django.conf import settings
from django.core.management import get_commands
from django.test import Client

COMMANDS = {
    "backup", "bench", "bulletin", "close_month", "drill", "export_workbook", "import_workbook", "load_demo",
    "recompute", "restore", "rotate_keys", "tick", "verify_audit",
}  # fmt: skip


def test_no_admin_site_is_there_to_write_past_the_verbs(client: Client) -> None:
    assert not [one for one in settings.INSTALLED_APPS if "admin" in one]
    assert not apps.is_installed("django.contrib.admin")
    assert client.get("/admin/").status_code == 404


def test_of_all_commands_only_the_import_of_a_workbook_writes_registers() -> None:
    """A new command that writes posts, claims or classes belongs into the tables of tests/red first."""
    own = {"accounts", "config", "jobs", "ledgers", "lib", "posts", "reports", "sampling", "subsidies"}
    assert {name for name, app in get_commands().items() if app in own} == COMMANDS
