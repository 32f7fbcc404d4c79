"""The import wizard: start, map, preview, confirm, decide, undo."""

from __future__ import annotations

import io

from django.contrib import messages
from django.db.models import F
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.http import content_disposition_header
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from accounts.access import OfficeRequest, needs
from jobs import work
from jobs.files import XLSX
from jobs.forms import ImportForm, MappingForm, SheetForm, kinds_for
from jobs.imports import NotNow, accept, dismiss, receive
from jobs.imports.problems import template
from jobs.imports.staging import choose, kind_of
from jobs.models import ImportBatch
from jobs.uploads import TOO_BIG
from jobs.views import preview
from jobs.views.tasks import progress_context
from lib.sheets import Refused
from lib.staging import REVIEW, VERDICTS, Stale

State = ImportBatch.State
SHOWN = 30
AT_ONCE = 200  # rows in review that are decided within the request
REFUSED_CHOICE = "请先勾选要处理的行。"


@require_GET
@needs("file.w")
def imports(request: OfficeRequest) -> HttpResponse:
    own = ImportBatch.objects.visible_to(request.user).select_related("unit").order_by("-number")
    if before := request.GET.get("before", ""):
        own = own.filter(number__lt=before[:24])
    page = list(own[: SHOWN + 1])
    waiting = ImportBatch.objects.decidable_by(request.user).exclude(owner=request.user)
    waiting = waiting.filter(state=State.CONFIRMED, review__gt=F("decided")).select_related("unit", "owner")
    context = {
        "rows": [preview.line(batch) for batch in page[:SHOWN]],
        "older": page[SHOWN - 1].number if len(page) > SHOWN else "",
        "waiting": [preview.line(batch) for batch in waiting[:SHOWN]],
        "may_start": bool(kinds_for(request.user)),
    }
    return render(request, "jobs/imports/list.html", context)


@require_http_methods(["GET", "POST"])
@needs("file.w")
def import_new(request: OfficeRequest) -> HttpResponse:
    kinds = kinds_for(request.user)
    if not kinds:
        raise Http404
    posted = request.POST or None  # reading the body is what measures it
    if getattr(request, TOO_BIG, False):
        return render(request, "413.html", status=413)
    wanted = request.GET.get("kind", "")
    initial = {"kind": wanted} if wanted in {kind.name for kind in kinds} else {}
    form = ImportForm(request.user, posted, request.FILES or None, initial=initial)
    if request.method == "POST" and form.is_valid():
        data, file = form.cleaned_data, form.cleaned_data["file"]
        try:
            batch = receive(file.read(), file.name, data["kind"], data["unit"], data["month"], request.user)
        except Refused as refusal:
            form.add_error(None, refusal.message)
        else:
            work.start_staging(batch)
            return redirect("jobs:batch", batch.pk)
    status = 422 if form.is_bound else 200
    return render(request, "jobs/imports/new.html", {"form": form, "kinds": kinds}, status=status)


@require_GET
@needs("file.w")
def import_template(request: OfficeRequest, kind: str) -> HttpResponse:
    """An empty workbook with our headings."""
    found = next((known for known in kinds_for(request.user) if known.name == kind), None)
    if found is None:
        raise Http404
    out = io.BytesIO()
    template(found, out)
    response = HttpResponse(out.getvalue(), content_type=XLSX)
    response["Content-Disposition"] = content_disposition_header(True, f"{found.title}模板.xlsx")
    return response


@require_http_methods(["GET", "POST"])
@needs("file.w")
def batch(request: OfficeRequest, pk) -> HttpResponse:
    """The page of one workbook, whatever its state. POST reads it again."""
    found = _decidable(request, pk)
    if request.method == "POST":
        found = _own(request, pk)
        if found.source and found.state in (State.UPLOADED, State.MAPPING, State.STAGED):
            work.start_staging(found)
        return redirect("jobs:batch", pk)
    live = work.live_job(found)
    if found.state == State.MAPPING and not live and found.owner_id == request.user.pk:
        return redirect("jobs:batch_mapping", pk)
    verdict = preview.first_verdict(found)
    return _page(request, found, live, verdict)


@require_GET
@needs("file.w")
def batch_rows(request: OfficeRequest, pk, verdict: str) -> HttpResponse:
    found = _decidable(request, pk)
    if verdict not in VERDICTS:
        raise Http404
    return _page(request, found, work.live_job(found), verdict)


def _page(request: OfficeRequest, found: ImportBatch, live, verdict: str) -> HttpResponse:
    context = preview.context(found, request.user, verdict, request.GET.get("page", ""))
    last = live or work.last_job(found)
    if live:
        context |= {"progress": progress_context(live, request.user, batch_url="here")}
    elif last and last.state == "failed":
        context |= {"failure": last.note}
    elif last:
        context |= {"left": last.result.get("left", []), "left_rows": last.result.get("left_rows")}
    return render(request, "jobs/imports/batch.html", context)


@require_http_methods(["GET", "POST"])
@needs("file.w")
def batch_mapping(request: OfficeRequest, pk) -> HttpResponse:
    """Which sheet, or which heading of the sheet is which of our columns."""
    found = _own(request, pk)
    if found.state not in (State.MAPPING, State.STAGED) or not found.headings:
        return redirect("jobs:batch", pk)
    choosing_sheet = found.state == State.MAPPING and not found.sheet
    posted = request.POST or None
    form: SheetForm | MappingForm = (
        SheetForm(found.headings, posted)
        if choosing_sheet
        else MappingForm(kind_of(found), found.headings, found.mapping, found.written, posted)
    )
    if request.method == "POST" and form.is_valid():
        choose(found, **form.choice)
        work.start_staging(found)
        return redirect("jobs:batch", pk)
    context = {
        "batch": found, "form": form, "choosing_sheet": choosing_sheet, "kind": kind_of(found),
        "steps": preview.steps(found), "reason": found.refusal,
    }  # fmt: skip
    return render(request, "jobs/imports/mapping.html", context, status=422 if form.is_bound else 200)


@require_POST
@needs("file.w")
def batch_confirm(request: OfficeRequest, pk) -> HttpResponse:
    found = _own(request, pk)
    if found.state == State.STAGED:
        work.start_confirming(found)
    else:
        messages.info(request, "这一批已经处理过，没有再写一次。")
    return redirect("jobs:batch", pk)


@require_http_methods(["GET", "POST"])
@needs("file.w")
def batch_undo(request: OfficeRequest, pk) -> HttpResponse:
    """One question, then the batch is taken back."""
    found = _own(request, pk)
    if found.state != State.CONFIRMED:
        return redirect("jobs:batch", pk)
    if request.method == "POST":
        work.start_undoing(found)
        return redirect("jobs:batch", pk)
    return render(request, "jobs/imports/undo.html", {"batch": found, "facts": preview.undo_facts(found)})


@require_POST
@needs("file.w")
def batch_marked(request: OfficeRequest, pk) -> HttpResponse:
    """Ask for the sender's own sheet with the problems on it; the file waits on the job's page."""
    found = _own(request, pk)
    if not found.source or found.state not in (State.STAGED, State.CONFIRMED, State.UNDONE):
        raise Http404
    return redirect("jobs:job", work.start_marking(found).pk)


@require_POST
@needs("file.w")
def batch_review(request: OfficeRequest, pk) -> HttpResponse:
    """Accept or dismiss rows in review: the ticked ones, or all of them."""
    found = _decidable(request, pk)
    decision = request.POST.get("decision", "")
    everything = decision.endswith("_all")
    verb = {"accept": accept, "dismiss": dismiss}.get(decision.removesuffix("_all"))
    if verb is None:
        raise Http404
    ticked = [int(row) for row in request.POST.getlist("row") if row.isdecimal() and len(row) < 9]
    if not everything and not ticked:
        messages.error(request, REFUSED_CHOICE)
    elif everything and found.waiting > AT_ONCE:
        work.start_deciding(found, request.user, decision.removesuffix("_all"))
    else:
        try:
            count = verb(found, request.user, None if everything else ticked)
            messages.success(request, f"已{'采纳并写入' if verb is accept else '不采纳'}{count}行。")
        except NotNow as reason:
            messages.error(request, str(reason))
        except Stale:
            messages.error(request, "台账在校验后有变化，这些行没有写入，请下载标注副本改后重新上传。")
    return redirect("jobs:batch_rows", pk, REVIEW)


def _own(request: OfficeRequest, pk) -> ImportBatch:
    own = ImportBatch.objects.visible_to(request.user).select_related("unit", "owner", "source")
    return get_object_or_404(own, pk=pk)


def _decidable(request: OfficeRequest, pk) -> ImportBatch:
    reach = ImportBatch.objects.decidable_by(request.user).select_related(
        "unit", "owner", "source", "confirmed_by", "undone_by"
    )
    return get_object_or_404(reach, pk=pk)
