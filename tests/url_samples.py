"""One entry per URL pattern: what the walker of test_every_url.py puts into its address.

Two addresses of one name have two entries, "room:name" and "room:name#2", in the order of the URL configuration.

`SAMPLES["room:name"]` is a function from the World to Sample rows. A pattern without arguments needs `Sample()`. A
pattern with arguments gives `own` (arguments of a row that some of the cast may open), `foreign` (a row outside the
reach of everyone in the cast) and `missing` (arguments of nothing); `post` is the form to send. Where a row can
be opened by some roles only, name them in `readers`; everyone else must then get the answer of a missing row.
"""

from __future__ import annotations

import datetime as dt
import uuid
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from importlib import import_module
from pathlib import Path
from typing import Any

from django.utils import timezone

from accounts.models import Unit
from jobs.actions import store_file
from jobs.models import ImportBatch, Job
from ledgers.models import EntryException, Handover, HandoverLine, Service
from reports.bulletins.snapshot import take
from reports.bulletins.text import compose
from reports.models import Bulletin
from sampling.models import Call, Campaign
from tests import factories
from tests.cast import Cast

ABSENT = 987654321


@dataclass
class World:
    """The cast with their rows (all below county 991), and a far city whose every name contains ZQ."""

    cast: Cast
    rows: dict[str, Any] = field(default_factory=dict)  # what builders create in `furnish`, by name


@dataclass
class Sample:
    own: dict[str, Any] = field(default_factory=dict)
    foreign: dict[str, Any] | None = None
    missing: dict[str, Any] | None = None
    post: dict[str, Any] = field(default_factory=dict)
    query: str = ""
    writers: frozenset[str] | None = None  # who may send the form, where that is not `readers`
    readers: frozenset[str] | None = None  # of the cast; None: whoever the view's declaration admits

    def openers(self, method: str) -> frozenset[str] | None:
        return self.writers if method == "POST" and self.writers is not None else self.readers


SAMPLES: dict[str, Callable[[World], Sample]] = {}
FURNISHERS: list[Callable[[World], None]] = []


def sample(name: str) -> Callable:
    """Decorator: the sample of the pattern with this name."""

    def keep(make: Callable[[World], Sample]) -> Callable[[World], Sample]:
        SAMPLES[name] = make
        return make

    return keep


def plain(*names: str) -> None:
    """Patterns without arguments."""
    SAMPLES.update({name: lambda world: Sample() for name in names})


def furnish(make: Callable[[World], None]) -> Callable[[World], None]:
    """Decorator: a function that creates rows for samples, own and foreign ones (foreign names contain ZQ)."""
    FURNISHERS.append(make)
    return make


# --- accounts ---------------------------------------------------------------------------------------------------
plain(
    "accounts:login",
    "accounts:logout",
    "accounts:password",
    "accounts:second_factor",
    "accounts:security",
    "accounts:users",
    "accounts:units",
    "accounts:audit",
    "accounts:audit_verify",
    "accounts:regions",
    "accounts:device",
    "offline",
    "worker",
)


@sample("accounts:user_new")
def _(world: World) -> Sample:
    return Sample(
        query="unit=99111",
        post={"username": "neu", "name": "新人", "role": "village"},
        readers=frozenset({"county", "city", "city2", "admin"}),
    )


@sample("accounts:user")
def _(world: World) -> Sample:
    return Sample(
        own={"pk": world.cast.village.pk},
        foreign={"pk": world.rows["far_user"].pk},
        missing={"pk": ABSENT},
        post={"act": "nothing"},
        readers=frozenset({"township", "county", "city", "city2", "auditor", "admin"}),
    )


@sample("accounts:unit")
def _(world: World) -> Sample:
    return Sample(
        own={"code": "9911"},
        foreign={"code": "ZQ1"},
        missing={"code": "NONE"},
        post={"act": "nothing"},
        readers=frozenset({"township", "county", "city", "city2", "auditor", "admin"}),
    )


# --- pages without arguments of the other rooms -------------------------------------------------------------------
plain(
    "home",
    "start",
    "jobs:mine",
    "jobs:imports",
    "ledgers:list",
    "ledgers:months",
    "ledgers:clocks",
    "reports:targets",
    "reports:baselines",
    "reports:healthz",
    "reports:readyz",
    "reports:dashboard",
    "reports:bulletins",
    "reports:bulletin_new",
)


# --- ledgers ------------------------------------------------------------------------------------------------------
@furnish
def _people(world: World) -> None:
    world.rows["laborer"] = factories.laborer(world.cast.units["99111"], "示例甲")
    factories.record(world.rows["laborer"])
    factories.record(world.rows["far_laborer"])


def _laborer(world: World, **fields) -> Sample:
    return Sample(
        own={"pk": world.rows["laborer"].pk},
        foreign={"pk": world.rows["far_laborer"].pk},
        missing={"pk": ABSENT},
        readers=frozenset({"village", "township", "county", "city", "city2", "auditor"}),
        **fields,
    )


def _with(name: str, **arguments) -> None:
    """A further address of the laborer, with more arguments."""

    def make(world: World) -> Sample:
        made = _laborer(world)
        for given in (made.own, made.foreign, made.missing):
            given |= arguments
        return made

    SAMPLES[name] = make


_with("ledgers:laborer")
_with("ledgers:contact", month=factories.MARCH)
_with("ledgers:contact_undo", month=factories.MARCH)
_with("ledgers:dial")
_with("ledgers:reveal", field="id_no")


@sample("ledgers:export")
def _(world: World) -> Sample:
    return Sample(post={"unit": "991", "month": "2023-03"}, readers=frozenset({"county", "city", "city2"}))


def _month(world: World) -> Sample:
    return Sample(
        own={"code": "9911", "month": factories.MARCH},
        foreign={"code": "ZQ11", "month": factories.MARCH},
        missing={"code": "NONE", "month": factories.MARCH},
        readers=frozenset({"township", "county", "city", "city2", "auditor"}),
    )


SAMPLES["ledgers:close_month"] = SAMPLES["ledgers:reopen_month"] = _month


# --- jobs ---------------------------------------------------------------------------------------------------------
@furnish
def _batches(world: World) -> None:
    for key, owner, unit in (
        ("", world.cast.village, world.cast.units["99111"]),
        ("far_", world.rows["far_user"], world.rows["far_village"]),
    ):
        file = store_file(owner, "ZQ.xlsx" if key else "名单.xlsx", b"ZQ" if key else b"x", unit=unit)
        world.rows[f"{key}file"] = file
        world.rows[f"{key}job"] = Job.objects.create(
            owner=owner, unit=unit, kind="none", title="ZQ任务" if key else "任务", state=Job.State.DONE
        )
        world.rows[f"{key}batch"] = ImportBatch.objects.create(
            owner=owner, unit=unit, number=f"{key}1", kind="units", source=file, sha256="0" * 64,
            state=ImportBatch.State.STAGED,
        )  # fmt: skip


def _of_one(
    row: str, *readers: str, writers: Iterable[str] | None = None, **arguments
) -> Callable[[World], Sample]:
    """A row that belongs to one person: everyone else gets the page of a missing one."""

    def make(world: World) -> Sample:
        return Sample(
            own={"pk": world.rows[row].pk} | arguments,
            foreign={"pk": world.rows[f"far_{row}"].pk} | arguments,
            missing={"pk": uuid.UUID(int=ABSENT)} | arguments,
            readers=frozenset(readers or {"village"}),
            writers=None if writers is None else frozenset(writers),
            post={"decision": "accept"},
        )

    return make


plain("jobs:import_new")
SAMPLES |= {
    "jobs:download": _of_one("file"),
    "jobs:import_template": lambda world: Sample(
        own={"kind": "laborers"},
        foreign={"kind": "of-others"},
        missing={"kind": "of-nobody"},
        readers=FIGURE_READERS - {"auditor"}
        | {f"neighbour_{role}" for role in ("village", "township", "county")},
    ),
    "jobs:export": lambda world: Sample(
        own={"name": "users"},
        foreign={"name": "of-others"},
        missing={"name": "of-nobody"},
        post={"unit": "99111"},
        readers=frozenset({"county", "city", "city2", "auditor", "admin"}),
    ),
    "jobs:job": _of_one("job"),
    "jobs:progress": _of_one("job"),
    "jobs:batch": _of_one("batch", "village", "township", writers=("village",)),
    "jobs:batch_mapping": _of_one("batch"),
    "jobs:batch_rows": _of_one("batch", "village", "township", verdict="new"),
    "jobs:batch_confirm": _of_one("batch"),
    "jobs:batch_undo": _of_one("batch"),
    "jobs:batch_marked": _of_one("batch"),
    "jobs:batch_review": _of_one("batch", "village", "township"),
}


# --- ledgers and sampling -----------------------------------------------------------------------------------------
plain("ledgers:list", "ledgers:mine", "ledgers:months", "ledgers:papers", "sampling:list")

WRITERS = frozenset({"village", "township"})
READERS = WRITERS | {"county", "city", "city2", "auditor"}


@furnish
def _(world: World) -> None:
    people = {
        "": factories.laborer(world.cast.units["99111"]),
        "far_": factories.laborer(world.rows["far_village"], "ZQ人"),
    }
    for prefix, person in people.items():
        factories.spell(person, employer="ZQ厂" if prefix else "示例电子厂")
        factories.record(person, employer="ZQ厂" if prefix else "示例电子厂")
        campaign = Campaign.objects.create(
            unit=Unit.objects.get(code="ZQ" if prefix else "99"),
            month=factories.MARCH,
            name=f"{'ZQ' if prefix else '三月'}抽查",
        )
        world.rows[f"{prefix}person"], world.rows[f"{prefix}campaign"] = person, campaign
        world.rows[f"{prefix}call"] = Call.objects.create(
            campaign=campaign,
            laborer=person,
            village=person.village,
            township=person.village.parent,
            caller=None if prefix else world.cast.sampler,
        )


def _person(readers: frozenset[str], post: dict | None = None, **more: Any) -> Callable[[World], Sample]:
    return lambda world: Sample(
        own={"pk": world.rows["person"].pk} | more,
        foreign={"pk": world.rows["far_person"].pk} | more,
        missing={"pk": ABSENT} | more,
        post=post or {},
        readers=readers,
    )


def _spot_check(row: str, readers: frozenset[str], post: dict | None = None) -> Callable[[World], Sample]:
    return lambda world: Sample(
        own={"pk": world.rows[row].pk},
        foreign={"pk": world.rows[f"far_{row}"].pk},
        missing={"pk": ABSENT},
        post=post or {},
        readers=readers,
    )


@furnish
def _forms(world: World) -> None:
    for prefix in ("", "far_"):
        form = factories.form(world.rows[f"{prefix}person"])
        by = world.rows["far_user"] if prefix else world.cast.village
        world.rows[f"{prefix}form"] = form
        world.rows[f"{prefix}paper"] = factories.paper(form, by, b"ZQ" if prefix else b"x")
        world.rows[f"{prefix}submitted"] = factories.form(
            world.rows[f"{prefix}laborer"], state="submitted", filed_by=by, filed_at=timezone.now()
        )


def _form_fields(world: World) -> Sample:
    was = world.rows["form"].values["employer"]
    return _spot_check("form", WRITERS, {"was:employer": was, "employer": "示例鞋厂"})(world)


def _paper(world: World) -> Sample:
    def of(prefix: str) -> dict[str, int]:
        return {"pk": world.rows[f"{prefix}form"].pk, "paper": world.rows[f"{prefix}paper"].pk}

    return Sample(own=of(""), foreign=of("far_"), missing={"pk": ABSENT, "paper": ABSENT}, readers=READERS)


def _form_reveal(world: World) -> Sample:
    made = _spot_check("form", frozenset({"township", "county"}), {"reason": "核对身份"})(world)
    for given in (made.own, made.foreign, made.missing):
        given["field"] = "id_no"
    return made


@furnish
def _handovers(world: World) -> None:
    for prefix, code in (("", "991"), ("far_", "ZQ1")):
        until = timezone.now()
        made = Handover.objects.create(
            unit=Unit.objects.get(code=code), month=factories.MARCH, since=until - dt.timedelta(days=9), until=until,
            made_by=world.rows["far_user"] if prefix else world.cast.county, job=uuid.uuid4(),
        )  # fmt: skip
        person = world.rows[f"{prefix}person"]
        told = [["就业单位名称", "示例电子厂", "ZQ厂" if prefix else "示例鞋厂"]]
        HandoverLine.objects.create(handover=made, laborer=person, changed_at=until, changes=told)
        world.rows[f"{prefix}handover"] = made


@furnish
def _exceptions(world: World) -> None:
    far = world.rows["far_village"]
    for prefix, unit, by in (
        ("", Unit.objects.get(code="99111"), world.cast.county),
        ("far_", far, world.rows["far_user"]),
    ):
        world.rows[f"{prefix}exception"] = EntryException.objects.create(
            unit=unit, month=factories.MARCH, days=3, reason="ZQ停电" if prefix else "村里停电两天", office=unit,
            granted_by=by,
        )  # fmt: skip


@furnish
def _services(world: World) -> None:
    for prefix in ("", "far_"):
        person = world.rows[f"{prefix}person"]
        officer = world.rows["far_user"] if prefix else world.cast.village
        file = store_file(
            officer, f"{prefix and 'ZQ'}佐证.png", b"\x89PNG\r\n\x1a\n", "image/png", unit=person.village
        )
        world.rows[f"{prefix}service"] = Service.objects.create(
            laborer=person, kind="职业指导", on=dt.date(2023, 3, 18), done_by=officer.name, file=file, by=officer,
        )  # fmt: skip


def _service(readers: frozenset[str]) -> Callable[[World], Sample]:
    return _spot_check("service", readers)


def _household(world: World) -> Sample:
    return Sample(
        own={"pk": world.rows["person"].household_id},
        foreign={"pk": world.rows["far_person"].household_id},
        missing={"pk": ABSENT},
        post={
            "day": "2023-03-18",
            "basis": "入户核实无人就业",
            "why": "均无就业意愿",
            "note": "本人书面说明",
        },
        readers=frozenset({"township", "county"}),
    )


def _handover(post: dict | None = None) -> Callable[[World], Sample]:
    return _spot_check("handover", frozenset({"county", "city", "city2"}), post)


def _asked(readers: frozenset[str], **post: str) -> Callable[[World], Sample]:
    """A form that names a unit and March; nothing stands in the address."""
    return lambda world: Sample(post=post | {"month": "2023-03"}, readers=readers)


def _month(world: World) -> Sample:
    return Sample(
        own={"code": "991", "month": factories.MARCH},
        foreign={"code": "ZQ1", "month": factories.MARCH},
        missing={"code": "NONE", "month": factories.MARCH},
        readers=frozenset({"county", "city", "city2"}),
    )


SAMPLES |= {
    "ledgers:export": lambda world: Sample(
        post={"unit": "991", "month": "2023-03"}, readers=frozenset({"county", "city", "city2"})
    ),
    "ledgers:laborer": _person(READERS),
    "ledgers:form": _person(WRITERS, month=factories.MARCH),
    "ledgers:form_review": lambda world: Sample(),
    "ledgers:forms_decide": lambda world: Sample(post={"act": "pass"}),
    "ledgers:form_new": lambda world: Sample(
        query="unit=99111", post={"unit": "99111", "form_token": "1"}, readers=WRITERS
    ),
    "ledgers:form_page": _spot_check("form", READERS),
    "ledgers:form_fields": _form_fields,
    "ledgers:form_catch_up": _spot_check("form", WRITERS),
    "ledgers:form_sign": _spot_check("form", WRITERS, {"kind": "paper"}),
    "ledgers:form_paper": _paper,
    "ledgers:form_submit": _spot_check("form", WRITERS, {"how": "电话"}),
    "ledgers:form_withdraw": _spot_check("form", WRITERS),
    "ledgers:form_decide": _spot_check(
        "submitted", frozenset({"township", "county"}), {"act": "return", "reason": "请核对工资"}
    ),
    "ledgers:form_reveal": _form_reveal,
    "ledgers:contact": _person(WRITERS, {"outcome": "unreachable"}, month=factories.MARCH),
    "ledgers:contact_undo": _person(WRITERS, {"number": "1"}, month=factories.MARCH),
    "ledgers:dial": _person(WRITERS | {"county"}),
    "ledgers:reveal": _person(WRITERS | {"county"}, {"reason": "核对身份"}, field="phone"),
    "ledgers:form_print": _person(WRITERS | {"county"}, month=factories.MARCH),
    "ledgers:service_new": _person(
        WRITERS | {"county"},
        {"kind": "职业指导", "on": "2023-03-18", "done_by": "示例", "evidence": "签到表"},
    ),
    "ledgers:service_undo": _service(WRITERS | {"county"}),
    "ledgers:service_file": _service(READERS),
    "ledgers:recognise": _household,
    "ledgers:clear": _household,
    "ledgers:papers_print": _asked(frozenset({"village", "township", "county"}), unit="99111", who="all"),
    "ledgers:papers_take": _asked(frozenset({"county", "city", "city2"}), unit="99111", what="work-ledger"),
    "ledgers:handover_new": _asked(frozenset({"county", "city", "city2"}), unit="991", since="2023-03-01"),
    "ledgers:handover": _handover(),
    "ledgers:handover_receive": _handover({"day": "2023-03-18"}),
    "ledgers:handover_again": _handover(),
    "ledgers:deadline": lambda world: Sample(
        own={"code": "991"},
        foreign={"code": "ZQ1"},
        missing={"code": "NONE"},
        readers=frozenset({"county", "city", "city2"}),
    ),
    "ledgers:exception_new": _month,
    "ledgers:exception_end": _spot_check("exception", frozenset({"county", "city", "city2"})),
    "ledgers:open_month": _month,
    "ledgers:close_month": _month,
    "ledgers:reopen_month": _month,
    "sampling:campaign_new": lambda world: Sample(readers=frozenset({"city", "city2"})),
    "sampling:campaign": _spot_check(
        "campaign", frozenset({"township", "county", "city", "city2", "sampler", "auditor"})
    ),
    "sampling:calls": _spot_check(
        "campaign", frozenset({"township", "county", "city", "city2", "sampler", "auditor"})
    ),
    "sampling:export": _spot_check("campaign", frozenset({"city", "city2"})),
    "sampling:call": _spot_check("call", frozenset({"city", "city2", "sampler"})),
    "sampling:reveal": _spot_check("call", frozenset({"city", "city2", "sampler"}), {"reason": "核对身份"}),
}


# --- messages -----------------------------------------------------------------------------------------------------
@furnish
def _messages(world: World) -> None:
    """A text of the township that was sent to a person of its village, and one for groups; here and far away."""
    for prefix, town, by in (
        ("", world.cast.units["9911"], world.cast.township),
        ("far_", world.rows["far_village"].parent, world.rows["far_user"]),
    ):
        world.rows |= {
            f"{prefix}{key}": row
            for key, row in factories.messages(
                town, by, world.rows[f"{prefix}person"], prefix and "ZQ"
            ).items()
        }


SENDERS = frozenset({"township", "county", "city", "city2"})
TOLD = SENDERS | {"village", "auditor"}
plain(
    "publicity:list", "publicity:template_new", "publicity:preview", "publicity:mailings", "publicity:texts"
)
SAMPLES |= {
    "publicity:template": _spot_check("template", TOLD | {"neighbour_village"}),
    "publicity:template_edit": _spot_check("template", SENDERS),
    "publicity:template_switch": _spot_check("template", SENDERS, {"on": "0"}),
    "publicity:mailing_new": _spot_check("template", SENDERS, {"unit": "9911", "audience": "everybody"}),
    "publicity:mailing": _spot_check("mailing", TOLD),
    "publicity:mailing_confirm": _spot_check("mailing", SENDERS),
    "publicity:mailing_stop": _spot_check("mailing", SENDERS),
    "publicity:mailing_receipts": _spot_check("mailing", SENDERS),
    "reports:awareness": _spot_check("campaign", TOLD - {"village"}),
    "publicity:forward": _spot_check("wechat", SENDERS | {"village"}, {"village": "99111"}),
}


# --- reports ------------------------------------------------------------------------------------------------------
FIGURE_READERS = frozenset({"village", "township", "county", "city", "city2", "auditor"})


def _board(world: World, **more: Any) -> Sample:
    return Sample(
        own={"code": "99111", "month": factories.MARCH} | more,
        foreign={"code": world.rows["far_village"].code, "month": factories.MARCH} | more,
        missing={"code": "NONE", "month": factories.MARCH} | more,
        readers=FIGURE_READERS,
    )


SAMPLES |= {
    "reports:dashboard#2": _board,
    "reports:benefits": _board,
    "reports:rows": lambda world: _board(world, figure="I01"),
}


@furnish
def _bulletins(world: World) -> None:
    """A version that was reopened and the draft that followed it, here and far away."""
    for prefix, top in (("", world.cast.units["99"]), ("far_", Unit.objects.get(code="ZQ"))):
        for number, state in enumerate((Bulletin.State.WITHDRAWN, Bulletin.State.DRAFT)):
            snapshot, month = take(top, factories.MARCH), factories.MARCH
            world.rows[f"{prefix}bulletin{number}"] = Bulletin.objects.create(
                unit=top,
                month=month,
                version=number + 1,
                state=state,
                title=f"{'ZQ' if prefix else ''}通报",
                issuer="ZQ办公室" if prefix else "示例办公室",
                snapshot=snapshot,
                sentences=compose(snapshot, "办公室"),
                created_by=world.cast.city,
                **({} if number else {"published_by": world.cast.city2, "content_hash": "0" * 64}),
            )


def _bulletin(readers: frozenset[str], **more: Any) -> Callable[[World], Sample]:
    return lambda world: Sample(
        own={"pk": world.rows["bulletin1"].pk} | more,
        foreign={"pk": world.rows["far_bulletin1"].pk} | more,
        missing={"pk": uuid.UUID(int=ABSENT)} | more,
        readers=readers,
    )


OFFICE = frozenset({"city", "city2"})
SAMPLES |= {
    "reports:bulletin": _bulletin(OFFICE | {"auditor"}),
    "reports:bulletin_file": _bulletin(OFFICE | {"auditor"}, fmt="json"),
    "reports:bulletin_edit": _bulletin(OFFICE),
    "reports:bulletin_edit#2": _bulletin(OFFICE, name="opening"),
    "reports:bulletin_refresh": _bulletin(OFFICE),
    "reports:bulletin_submit": _bulletin(OFFICE),
    "reports:bulletin_return": _bulletin(OFFICE),
    "reports:bulletin_publish": _bulletin(OFFICE),
    "reports:bulletin_reopen": _bulletin(OFFICE),
}


@sample("reports:bulletin_versions")
def _(world: World) -> Sample:
    return Sample(
        own={"pk": world.rows["bulletin1"].pk},
        foreign={"pk": world.rows["far_bulletin1"].pk},
        missing={"pk": uuid.UUID(int=ABSENT)},
        readers=OFFICE | {"auditor"},
    )


for _more in sorted(Path(__file__).parent.glob("samples_of_*.py")):
    import_module(f"tests.{_more.stem}")
