from django.db import migrations

from accounts import wall


class Migration(migrations.Migration):
    dependencies = [
        ("subsidies", "0001_templates_mailings_and_messages"),
        ("reports", "0004_a_wall_around_people"),
    ]

    operations = [wall.around("subsidies_message", "subsidies_forwarding")]
