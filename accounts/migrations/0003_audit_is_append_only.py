from django.db import migrations

from accounts import append_only


def refuse_changes(apps, schema_editor):
    for statement in append_only.create(schema_editor.connection.vendor):
        schema_editor.execute(statement)


def allow_changes(apps, schema_editor):
    for statement in append_only.drop(schema_editor.connection.vendor):
        schema_editor.execute(statement)


class Migration(migrations.Migration):
    dependencies = [("accounts", "0002_regions")]

    operations = [migrations.RunPython(refuse_changes, allow_changes)]
