from django.db import migrations

from ledgers import closed_months


def refuse_changes(apps, schema_editor):
    for statement in closed_months.create(schema_editor.connection.vendor):
        schema_editor.execute(statement)


def allow_changes(apps, schema_editor):
    for statement in closed_months.drop(schema_editor.connection.vendor):
        schema_editor.execute(statement)


class Migration(migrations.Migration):
    dependencies = [("ledgers", "0002_closings_keep_counts_and_forms_are_saved_once")]

    operations = [migrations.RunPython(refuse_changes, allow_changes)]
