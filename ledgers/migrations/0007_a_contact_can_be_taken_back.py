"""A contact noted by mistake is taken back and stays on record."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("ledgers", "0006_handovers")]

    operations = [
        migrations.AddField("contact", "undone_at", models.DateTimeField("撤销时间", blank=True, null=True)),
    ]
