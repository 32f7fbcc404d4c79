import django.db.models.deletion
from django.db import migrations, models

from reports.bulletins import frozen_files


def refuse_changes(apps, schema_editor):
    for statement in frozen_files.create(schema_editor.connection.vendor):
        schema_editor.execute(statement)


def allow_changes(apps, schema_editor):
    for statement in frozen_files.drop(schema_editor.connection.vendor):
        schema_editor.execute(statement)


class Migration(migrations.Migration):
    dependencies = [
        ("reports", "0002_published_bulletins_refuse_changes"),
    ]

    operations = [
        migrations.CreateModel(
            name="BulletinFile",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("form", models.CharField(max_length=4, verbose_name="格式")),
                ("content", models.BinaryField(verbose_name="内容")),
                ("sha256", models.CharField(max_length=64, verbose_name="校验码")),
                (
                    "bulletin",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="files",
                        to="reports.bulletin",
                        verbose_name="通报",
                    ),
                ),
            ],
            options={
                "verbose_name": "印发文件",
                "constraints": [
                    models.UniqueConstraint(fields=("bulletin", "form"), name="one_file_per_format")
                ],
            },
        ),
        migrations.RunPython(refuse_changes, allow_changes),
    ]
