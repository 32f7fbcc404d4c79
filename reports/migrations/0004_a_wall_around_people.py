from django.db import migrations

from accounts import wall


class Migration(migrations.Migration):
    dependencies = [
        ("reports", "0003_files_of_published_bulletins"),
        ("accounts", "0006_phone"),
        ("ledgers", "0006_handovers"),
        ("posts", "0001_initial"),
        ("sampling", "0001_initial"),
    ]

    operations = [
        wall.around(
            "ledgers_household",
            "ledgers_monthlyrecord",
            "ledgers_contact",
            "ledgers_collectionform",
            "ledgers_formpaper",
            "ledgers_handover",
            "ledgers_handoverline",
            "posts_post",
            "posts_workshop",
            "posts_appointment",
            "posts_placement",
            "sampling_call",
            "ledgers_laborer",
            "ledgers_workspell",
            "ledgers_intention",
            "ledgers_personchange",
        )
    ]
