"""Services one by one, recognised 零就业户, and since when somebody is a returnee or wishes for training."""

import django.db.models.deletion
import django.db.models.functions.comparison
import django.db.models.lookups
import django.utils.timezone
from django.conf import settings
from django.db import migrations, models

import lib.crypto


class Migration(migrations.Migration):
    dependencies = [
        ("accounts", "0006_phone"),
        ("jobs", "0005_batches_keep_the_headings_as_written"),
        ("ledgers", "0009_what_was_asked_when_a_form_was_submitted"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="Service",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "kind",
                    models.CharField(
                        choices=[
                            ("岗位推介", "岗位推介"),
                            ("职业指导", "职业指导"),
                            ("政策宣讲", "政策宣讲"),
                            ("职业培训", "职业培训"),
                            ("就业见习", "就业见习"),
                            ("创业服务", "创业服务"),
                            ("其他", "其他"),
                        ],
                        max_length=4,
                        verbose_name="服务项目",
                    ),
                ),
                ("on", models.DateField(verbose_name="服务日期")),
                ("done_by", models.CharField(max_length=50, verbose_name="服务人员")),
                ("evidence", lib.crypto.EncryptedTextField(blank=True, verbose_name="佐证说明")),
                ("employer", models.CharField(blank=True, max_length=100, verbose_name="推介单位")),
                ("post", models.CharField(blank=True, max_length=60, verbose_name="推介岗位")),
                (
                    "outcome",
                    models.CharField(
                        blank=True,
                        choices=[
                            ("愿意", "愿意"),
                            ("考虑中", "考虑中"),
                            ("不愿意", "不愿意"),
                            ("已上岗", "已上岗"),
                        ],
                        max_length=4,
                        verbose_name="本人意见",
                    ),
                ),
                ("at", models.DateTimeField(default=django.utils.timezone.now)),
                ("undone_at", models.DateTimeField(blank=True, null=True, verbose_name="撤销时间")),
            ],
            options={
                "verbose_name": "就业服务记录",
            },
        ),
        migrations.CreateModel(
            name="ZeroEmployment",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("recognised_on", models.DateField(verbose_name="认定日期")),
                ("basis", models.CharField(max_length=200, verbose_name="认定依据")),
                ("cleared_on", models.DateField(blank=True, null=True, verbose_name="消除日期")),
                (
                    "cleared_why",
                    models.CharField(
                        blank=True,
                        choices=[
                            ("有人就业", "有人就业"),
                            ("三次拒绝服务", "三次拒绝服务"),
                            ("均无就业意愿", "均无就业意愿"),
                            ("均丧失劳动能力", "均丧失劳动能力"),
                            ("有其他收入来源", "有其他收入来源"),
                        ],
                        max_length=20,
                        verbose_name="消除原因",
                    ),
                ),
                ("cleared_note", models.CharField(blank=True, max_length=200, verbose_name="消除依据")),
            ],
            options={
                "verbose_name": "零就业户认定",
            },
        ),
        migrations.AddField(
            model_name="intention",
            name="return_registered_at",
            field=models.DateTimeField(blank=True, null=True, verbose_name="返乡登记时间"),
        ),
        migrations.AddField(
            model_name="intention",
            name="wish_registered_at",
            field=models.DateTimeField(blank=True, null=True, verbose_name="培训意愿登记时间"),
        ),
        migrations.AddIndex(
            model_name="intention",
            index=models.Index(
                condition=models.Q(("plans_out", True)), fields=["plans_out"], name="who_plans_to_go_out"
            ),
        ),
        migrations.AddIndex(
            model_name="intention",
            index=models.Index(
                condition=models.Q(("return_registered_at__isnull", False)),
                fields=["return_registered_at"],
                name="returnees_by_registration",
            ),
        ),
        migrations.AddIndex(
            model_name="intention",
            index=models.Index(
                condition=models.Q(("wish_registered_at__isnull", False)),
                fields=["wish_registered_at"],
                name="wishes_by_registration",
            ),
        ),
        migrations.AddIndex(
            model_name="laborer",
            index=models.Index(
                condition=models.Q(("graduated_in__isnull", False)),
                fields=["graduated_in"],
                name="laborer_graduated",
            ),
        ),
        migrations.AddField(
            model_name="service",
            name="by",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to=settings.AUTH_USER_MODEL,
                verbose_name="登记人",
            ),
        ),
        migrations.AddField(
            model_name="service",
            name="file",
            field=models.ForeignKey(
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to="jobs.storedfile",
                verbose_name="佐证材料",
            ),
        ),
        migrations.AddField(
            model_name="service",
            name="laborer",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT, related_name="services", to="ledgers.laborer"
            ),
        ),
        migrations.AddField(
            model_name="service",
            name="undone_by",
            field=models.ForeignKey(
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to=settings.AUTH_USER_MODEL,
                verbose_name="撤销人",
            ),
        ),
        migrations.AddField(
            model_name="zeroemployment",
            name="cleared_by",
            field=models.ForeignKey(
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to=settings.AUTH_USER_MODEL,
                verbose_name="消除登记人",
            ),
        ),
        migrations.AddField(
            model_name="zeroemployment",
            name="household",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.CASCADE,
                related_name="recognitions",
                to="ledgers.household",
            ),
        ),
        migrations.AddField(
            model_name="zeroemployment",
            name="recognised_by",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to=settings.AUTH_USER_MODEL,
                verbose_name="认定人",
            ),
        ),
        migrations.AddIndex(
            model_name="service",
            index=models.Index(fields=["laborer", "kind", "on"], name="service_of_person"),
        ),
        migrations.AddConstraint(
            model_name="service",
            constraint=models.CheckConstraint(
                condition=models.Q(("done_by", ""), _negated=True), name="service_names_who_gave_it"
            ),
        ),
        migrations.AddConstraint(
            model_name="service",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("file__isnull", False),
                    django.db.models.lookups.GreaterThan(
                        django.db.models.functions.comparison.Cast(models.F("evidence"), models.TextField()),
                        "",
                    ),
                    _connector="OR",
                ),
                name="service_has_evidence",
            ),
        ),
        migrations.AddConstraint(
            model_name="service",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("kind", "岗位推介"), _negated=True),
                    models.Q(
                        models.Q(("employer", ""), _negated=True), models.Q(("outcome", ""), _negated=True)
                    ),
                    _connector="OR",
                ),
                name="offer_says_where_and_what_came_of_it",
            ),
        ),
        migrations.AddConstraint(
            model_name="service",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("undone_at", None), ("undone_by", None)),
                    models.Q(("undone_at__isnull", False), ("undone_by__isnull", False)),
                    _connector="OR",
                ),
                name="service_undone_by_somebody",
            ),
        ),
        migrations.AddConstraint(
            model_name="zeroemployment",
            constraint=models.UniqueConstraint(
                condition=models.Q(("cleared_on", None)),
                fields=("household",),
                name="one_recognition_in_force",
            ),
        ),
        migrations.AddConstraint(
            model_name="zeroemployment",
            constraint=models.CheckConstraint(
                condition=models.Q(("basis", ""), _negated=True), name="recognition_has_a_basis"
            ),
        ),
        migrations.AddConstraint(
            model_name="zeroemployment",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(
                        ("cleared_by", None), ("cleared_note", ""), ("cleared_on", None), ("cleared_why", "")
                    ),
                    models.Q(
                        ("cleared_by__isnull", False),
                        ("cleared_on__gte", models.F("recognised_on")),
                        models.Q(("cleared_why", ""), _negated=True),
                        models.Q(("cleared_note", ""), _negated=True),
                    ),
                    _connector="OR",
                ),
                name="clearing_says_when_why_and_who",
            ),
        ),
    ]
