"""我的任务: what one asked for, how far it is, and its result."""

from __future__ import annotations

from typing import Any

from django.http import Http404, HttpResponse, StreamingHttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.views.decorators.http import require_GET

from accounts.access import OfficeRequest, signed_in
from jobs.files import may_open
from jobs.models import Job, StoredFile
from jobs.runner import short_number
from jobs.views.stored import answer
from lib.charts import meter

SHOWN = 50


@require_GET
@signed_in
def mine(request: OfficeRequest) -> HttpResponse:
    jobs = Job.objects.visible_to(request.user).select_related("result_file", "unit")[:SHOWN]
    rows = [{"job": job, "file": openable(job, request.user)} for job in jobs]
    return render(request, "jobs/mine.html", {"rows": rows, "shown": SHOWN})


@require_GET
@signed_in
def job(request: OfficeRequest, pk) -> HttpResponse:
    found = get_object_or_404(Job.objects.visible_to(request.user), pk=pk)
    context = progress_context(found, request.user) | {"number": short_number(found)}
    return render(request, "jobs/job.html", context)


@require_GET
@signed_in
def progress(request: OfficeRequest, pk) -> HttpResponse:
    """The live part of a job's page, once a second; with ?to=batch the page moves on when the job has ended."""
    found = get_object_or_404(Job.objects.visible_to(request.user), pk=pk)
    response = render(
        request,
        "components/job_progress.html",
        progress_context(found, request.user, batch_of(request, found)),
    )
    if found.is_finished and (url := batch_of(request, found)):
        response["HX-Redirect"] = url
    return response


@require_GET
@signed_in
def download(request: OfficeRequest, pk) -> StreamingHttpResponse:
    """One's own file, while one holds its right at its unit. Foreign, expired and unknown files answer alike."""
    stored = get_object_or_404(StoredFile.objects.select_related("unit"), pk=pk)
    if not may_open(stored, request.user):
        raise Http404
    return answer(stored)


def progress_context(job: Job, user, batch_url: str = "") -> dict[str, object]:
    """What components/job_progress.html wants."""
    poll = reverse("jobs:progress", args=[job.pk])
    file = openable(job, user)
    return {
        "job": job,
        "meter": meter(job.done, job.total),
        "poll_url": f"{poll}?to=batch" if batch_url else poll,
        "unit": "行" if job.kind.startswith(("import.", "export.")) else "",
        "result_url": reverse("jobs:download", args=[file.pk]) if file else "",
        "batch_url": reverse("jobs:batch", args=[job.params["batch"]]) if "batch" in job.params else "",
        "page_url": job.params.get("page", ""),
    }


def openable(job: Job, user: Any) -> StoredFile | None:
    return job.result_file if job.result_file and may_open(job.result_file, user) else None


def batch_of(request: OfficeRequest, job: Job) -> str:
    """Where the page of the import or of the result waits, when the poll came from there."""
    if request.GET.get("to") != "batch":
        return ""
    if "batch" in job.params:
        return reverse("jobs:batch", args=[job.params["batch"]])
    return job.params.get("page", "")
