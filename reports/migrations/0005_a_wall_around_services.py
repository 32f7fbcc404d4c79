"""Services and recognised households are seen by whoever is served where the people live."""

from django.db import migrations

from accounts import wall


class Migration(migrations.Migration):
    dependencies = [
        ("ledgers", "0010_services_and_zero_employment"),
        ("reports", "0004_a_wall_around_people"),
    ]

    operations = [wall.around("ledgers_service", "ledgers_zeroemployment")]
