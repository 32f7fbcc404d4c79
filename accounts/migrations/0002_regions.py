from django.db import migrations

from accounts import regions


def load(apps, schema_editor):
    regions.load(model=apps.get_model("accounts", "Region"))


class Migration(migrations.Migration):
    dependencies = [("accounts", "0001_initial")]

    operations = [migrations.RunPython(load, migrations.RunPython.noop, elidable=True)]
