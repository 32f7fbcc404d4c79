"""Second factors with an encrypted secret; those bound before are brought over and their clear ones deleted."""

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

import lib.crypto


def bring_over(apps, schema_editor):
    phones, before = apps.get_model("accounts", "Phone"), apps.get_model("otp_totp", "TOTPDevice")
    for device in before.objects.filter(confirmed=True):
        phones.objects.create(user_id=device.user_id, name=device.name, key=device.key, last_t=device.last_t)
    before.objects.all().delete()


class Migration(migrations.Migration):
    dependencies = [
        ("accounts", "0005_units_keep_the_names_they_had"),
        ("otp_totp", "0003_add_timestamps"),
    ]

    operations = [
        migrations.CreateModel(
            name="Phone",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "name",
                    models.CharField(help_text="The human-readable name of this device.", max_length=64),
                ),
                ("confirmed", models.BooleanField(default=True, help_text="Is this device ready for use?")),
                (
                    "throttling_failure_timestamp",
                    models.DateTimeField(
                        blank=True,
                        default=None,
                        help_text="A timestamp of the last failed verification attempt. Null if last attempt succeeded.",
                        null=True,
                    ),
                ),
                (
                    "throttling_failure_count",
                    models.PositiveIntegerField(default=0, help_text="Number of successive failed attempts."),
                ),
                (
                    "created_at",
                    models.DateTimeField(
                        auto_now_add=True,
                        help_text="The date and time when this device was initially created in the system.",
                        null=True,
                    ),
                ),
                (
                    "last_used_at",
                    models.DateTimeField(
                        blank=True, help_text="The most recent date and time this device was used.", null=True
                    ),
                ),
                (
                    "key",
                    lib.crypto.EncryptedTextField(
                        help_text="160 random bits in hexadecimal", verbose_name="密钥"
                    ),
                ),
                ("last_t", models.BigIntegerField(default=-1, verbose_name="最近用过的时间步")),
                (
                    "user",
                    models.ForeignKey(
                        help_text="The user that this device belongs to.",
                        on_delete=django.db.models.deletion.CASCADE,
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
            options={
                "verbose_name": "手机动态码",
                "abstract": False,
            },
        ),
        migrations.RunPython(bring_over, migrations.RunPython.noop),
    ]
