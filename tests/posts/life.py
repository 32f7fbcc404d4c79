"""A post of village 99111 on its way, step by step, by the people whose step it is."""

from __future__ import annotations

import datetime as dt
from typing import Any

from accounts.models import Unit, User
from ledgers.models import Laborer
from posts import leaving, opening, recruiting
from posts.models import Appointment, Candidate, Contract, Post, Recruitment
from tests import factories
from tests.cast import Cast

TODAY = dt.date(2023, 3, 18)


def day(number: int, month: int = 3) -> dt.date:
    return dt.date(2023, month, number)


def proposal(**fields) -> dict:
    return {
        "title": "村级保洁员", "category": "保洁员", "level": "村级", "funding": "衔接资金", "department": "农业农村局",
        "employer": "东镇一村村委会", "duties": "村内主干道清扫，垃圾清运。", "area": "一组至三组",
        "monthly_fen": 40_000, "days_required": 20, "reason": "村内环境整治需要",
    } | fields  # fmt: skip


def proposed(cast: Cast, code: str = "99111", **fields) -> Post:
    by = cast.village if code == "99111" else cast.township
    return opening.propose(cast.units[code], by, **proposal(**fields))


def opened(cast: Cast, on: dt.date = dt.date(2023, 3, 1), **fields) -> Post:
    return opening.open_post(opening.check(proposed(cast, **fields), cast.township), cast.county, on)


def announced(cast: Cast, post: Post | None = None) -> Recruitment:
    text = "招聘保洁员一名，限本村脱贫户、监测户，到村委会报名。"
    return recruiting.announce(post or opened(cast), text, day(1), day(20), cast.village)


def person(cast: Cast, code: str = "99111", **fields) -> Laborer:
    """Somebody of a 脱贫户 who may hold a post: born in 1965, with a record of the month, at home."""
    made = factories.laborer(
        cast.units[code], birth_date=dt.date(1965, 5, 1), ability="弱劳动力或半劳动力", **fields
    )
    factories.record(made, working=False, place_class="", job_form="", reason="not_working")
    return made


def applied(cast: Cast, who: Laborer | None = None, call: Recruitment | None = None) -> Candidate:
    return recruiting.apply_for(call or announced(cast), who or person(cast), day(5), "", False, cast.village)


def noticed(cast: Cast, who: Laborer | None = None, call: Recruitment | None = None) -> Candidate:
    met = recruiting.record_meeting(applied(cast, who, call), day(8), "到会32人，一致同意。", cast.village)
    return recruiting.start_notice(met, day(9), day(12), cast.village)


def recommended(cast: Cast, who: Laborer | None = None, call: Recruitment | None = None) -> Candidate:
    one = noticed(cast, who, call)
    return recruiting.recommend(one, "同意推荐。", "公示期满无异议", "", cast.township)


def appointed(cast: Cast, who: Laborer | None = None, call: Recruitment | None = None) -> Appointment:
    return recruiting.file_appointment(
        recommended(cast, who, call), day(15), cast.county, kind="劳务协议", contract_number="GW2023-01",
        until=dt.date(2024, 3, 14), insured_until=dt.date(2024, 3, 14),
    )  # fmt: skip


def told(cast: Cast, one: Appointment | None = None) -> Appointment:
    return leaving.notify_exit(
        one or appointed(cast), "本人自愿", day(16), "本人提出到县城照顾孙辈。", cast.village
    )


def decided(cast: Cast, one: Appointment | None = None) -> Appointment:
    return leaving.decide_exit(told(cast, one), day(17), day(18), cast.township)


def rows(village: Unit, by: User, people: list[Laborer], mark: str = "") -> dict[str, Any]:
    """A post held by the first of the people, a vacant one for which the second applies; `mark` begins every text."""
    held, vacant = (
        Post.objects.create(
            number=f"{mark}GW{number}", unit=village, title=f"{mark}岗位", category="护林员",
            opened_on=dt.date(2022, 1, 1), duties=f"{mark}职责", area=f"{mark}片区", department=f"{mark}主管",
            employer=f"{mark}用人", reason=f"{mark}理由",
        )
        for number in (1, 2)
    )  # fmt: skip
    appointment = Appointment.objects.create(post=held, laborer=people[0], started_on=dt.date(2022, 2, 1))
    Contract.objects.create(
        appointment=appointment, kind="劳务协议", number=f"{mark}合同", from_on=dt.date(2022, 2, 1),
        until_on=dt.date(2023, 1, 31), signed_by=by,
    )  # fmt: skip
    call = Recruitment.objects.create(
        post=vacant, notice=f"{mark}招聘公告", from_on=day(1), until_on=day(30), by=by
    )
    candidate = Candidate.objects.create(
        recruitment=call, laborer=people[1], applied_on=day(5), entered_by=by, met_on=day(8),
        meeting=f"{mark}会议", notice_from=day(9), notice_until=day(12), state=Candidate.State.NOTICED,
    )  # fmt: skip
    return {"post": vacant, "candidate": candidate, "appointment": appointment}
