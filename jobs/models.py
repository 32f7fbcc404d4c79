"""Long work with an owner: the Job row is the outbox, the progress and the result; batches of imported rows."""

from __future__ import annotations

import uuid

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils import timezone

from accounts.models import Unit
from accounts.scope import ScopedQuerySet, within
from lib.month import MonthField


class StoredFile(models.Model):
    """A file that belongs to one person: uploads, results. Kept encrypted on disk under a random name."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    owner = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    unit = models.ForeignKey(Unit, models.PROTECT, null=True, related_name="+")
    name = models.CharField("文件名", max_length=200)
    content_type = models.CharField(max_length=100)
    size = models.PositiveBigIntegerField(default=0)
    sha256 = models.CharField(max_length=64)
    right = models.CharField(
        max_length=40,
        default="file.w",
        help_text="what the owner must still hold to open it, as in accounts.roles",
    )
    created_at = models.DateTimeField(default=timezone.now)
    expires_at = models.DateTimeField(null=True, blank=True)


class JobQuerySet(models.QuerySet):
    def visible_to(self, user) -> JobQuerySet:
        return self.filter(owner=user)

    def waiting(self) -> JobQuerySet:
        return self.filter(state=Job.State.QUEUED)


class Job(models.Model):
    class State(models.TextChoices):
        QUEUED = "queued", "排队中"
        RUNNING = "running", "进行中"
        DONE = "done", "已完成"
        FAILED = "failed", "未完成"

    class Queue(models.TextChoices):
        SMALL = "small", "快"
        BIG = "big", "大"

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    kind = models.CharField(max_length=40)
    title = models.CharField("任务", max_length=120)
    owner = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="jobs", null=True)
    unit = models.ForeignKey(Unit, models.PROTECT, null=True, related_name="+")
    params = models.JSONField(default=dict, help_text="ids only, never personal data")
    queue = models.CharField(max_length=8, choices=Queue, default=Queue.SMALL)
    state = models.CharField(max_length=8, choices=State, default=State.QUEUED, db_index=True)
    key = models.CharField(
        max_length=120, blank=True, help_text="same key, same work: a second request joins the first"
    )
    done = models.PositiveIntegerField(default=0)
    total = models.PositiveIntegerField(default=0)
    note = models.CharField(max_length=200, blank=True)
    attempt = models.PositiveSmallIntegerField(
        default=0, help_text="fencing token: only the latest attempt may write"
    )
    created_at = models.DateTimeField(default=timezone.now)
    started_at = models.DateTimeField(null=True)
    heartbeat_at = models.DateTimeField(null=True)
    finished_at = models.DateTimeField(null=True)
    result = models.JSONField(default=dict)
    result_file = models.ForeignKey(StoredFile, models.SET_NULL, null=True, related_name="+")

    objects = JobQuerySet.as_manager()

    class Meta:
        verbose_name = "任务"
        ordering = ["-created_at"]
        indexes = [models.Index(fields=["owner", "-created_at"], name="job_owner_recent")]
        constraints = [
            models.UniqueConstraint(
                fields=["key"],
                condition=~Q(key="") & Q(state__in=["queued", "running"]),
                name="one_live_job_per_key",
            )
        ]

    @property
    def is_finished(self) -> bool:
        return self.state in {self.State.DONE, self.State.FAILED}


class BatchQuerySet(ScopedQuerySet):
    subject = "file"

    def visible_to(self, user, letter: str = "w") -> BatchQuerySet:
        """A batch belongs to the person who sent it, within that person's reach of today."""
        return super().visible_to(user, letter).filter(owner=user)

    def decidable_by(self, user) -> BatchQuerySet:
        """Batches whose rows in review this user may decide on: the sender's own, or those of the units below."""
        approved = Unit.objects.filter(within("path", user, "person", "a")).order_by().values("pk")
        return super().visible_to(user, "w").filter(Q(owner=user) | Q(unit__in=approved))


class ImportBatch(models.Model):
    """One workbook on its way into the ledger: staged, previewed, confirmed, perhaps undone."""

    class State(models.TextChoices):
        UPLOADED = "uploaded", "待校验"
        MAPPING = "mapping", "待对应列"
        STAGED = "staged", "待确认"
        REFUSED = "refused", "已拒收"
        CONFIRMED = "confirmed", "已入库"
        UNDONE = "undone", "已撤回"

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    number = models.CharField("批次号", max_length=24, unique=True)
    kind = models.CharField("种类", max_length=20)
    unit = models.ForeignKey(Unit, models.PROTECT, related_name="+")
    month = MonthField(null=True, blank=True)
    owner = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    source = models.ForeignKey(StoredFile, models.PROTECT, related_name="+", null=True)
    sha256 = models.CharField(max_length=64, db_index=True)
    state = models.CharField(max_length=10, choices=State, default=State.UPLOADED)
    sheet = models.CharField(max_length=60, blank=True)
    header_row = models.PositiveSmallIntegerField(default=0, help_text="row of the headings, from 1")
    headings = models.JSONField(
        default=list, help_text="as printed on the sheet; names of the sheets while none is chosen"
    )
    written = models.JSONField(
        default=dict, help_text="heading → as the sender wrote it, where spaces, stars or units were left out"
    )
    mapping = models.JSONField(
        default=dict, help_text="heading on the sheet → column key, as found or as chosen by the user"
    )
    notes = models.JSONField(
        default=list, help_text="{level, message} for the reader: skipped rows, hidden sheets …"
    )
    refusal = models.CharField(max_length=300, blank=True)
    new = models.PositiveIntegerField("新增", default=0)
    changed = models.PositiveIntegerField("变更", default=0)
    same = models.PositiveIntegerField("相同", default=0)
    review = models.PositiveIntegerField("待核", default=0)
    rejected = models.PositiveIntegerField("退回", default=0)
    decided = models.PositiveIntegerField("已核", default=0, help_text="of the rows in review")
    created_at = models.DateTimeField(default=timezone.now)
    staged_at = models.DateTimeField(null=True)
    confirmed_at = models.DateTimeField(null=True)
    confirmed_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")
    undone_at = models.DateTimeField(null=True)
    undone_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")

    objects = BatchQuerySet.as_manager()

    class Meta:
        verbose_name = "导入批次"
        ordering = ["-created_at"]

    @property
    def read(self) -> int:
        """Rows read: always the sum of the five verdicts, so that nothing is dropped in silence."""
        return self.new + self.changed + self.same + self.review + self.rejected

    @property
    def writes(self) -> int:
        """Rows that confirming would write."""
        return self.new + self.changed

    @property
    def waiting(self) -> int:
        """Rows in review that nobody has decided on."""
        return self.review - self.decided


class ImportChunk(models.Model):
    """A thousand judged rows: counts in the clear, the rows themselves compressed and encrypted."""

    batch = models.ForeignKey(ImportBatch, models.CASCADE, related_name="chunks")
    number = models.PositiveIntegerField()
    first_row = models.PositiveIntegerField()
    last_row = models.PositiveIntegerField()
    new = models.PositiveIntegerField(default=0)
    changed = models.PositiveIntegerField(default=0)
    same = models.PositiveIntegerField(default=0)
    review = models.PositiveIntegerField(default=0)
    rejected = models.PositiveIntegerField(default=0)
    payload = models.BinaryField()
    targets = models.JSONField(default=dict, help_text="row → primary key it was written to, for the undo")
    decided = models.JSONField(default=dict, help_text="row in review → accepted or dismissed")

    class Meta:
        ordering = ["number"]
        constraints = [
            models.UniqueConstraint(fields=["batch", "number"], name="one_chunk_per_number"),
            models.CheckConstraint(condition=Q(last_row__gte=F("first_row")), name="chunk_rows_in_order"),
        ]


class ColumnMapping(models.Model):
    """How a unit's own headings map to a kind's columns, remembered from the last time."""

    unit = models.ForeignKey(Unit, models.CASCADE, related_name="+")
    kind = models.CharField(max_length=20)
    signature = models.CharField(max_length=64, help_text="SHA-256 of the headings")
    mapping = models.JSONField(default=dict)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["unit", "kind", "signature"], name="one_mapping_per_headings")
        ]
