from django.db import migrations

from reports.bulletins import frozen


def refuse_changes(apps, schema_editor):
    for statement in frozen.create(schema_editor.connection.vendor):
        schema_editor.execute(statement)


def allow_changes(apps, schema_editor):
    for statement in frozen.drop(schema_editor.connection.vendor):
        schema_editor.execute(statement)


class Migration(migrations.Migration):
    dependencies = [("reports", "0001_initial")]

    operations = [migrations.RunPython(refuse_changes, allow_changes)]
