"""The workbook of spot-check results: who is meant, what contradicts itself, twice the same, undone."""

from __future__ import annotations

import io

import pytest

from jobs.imports import confirming, staging
from lib.sheets import Table, write_workbook
from sampling.models import Call, Campaign
from tests import cast as casting
from tests import factories
from tests.factories import MARCH

HEAD = ("身份证号码", "姓名", "乡镇", "接通", "务工地一致", "务工时间一致", "知晓政策", "满意度")


@pytest.fixture
def cast(db, settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path / "files"
    settings.REDIS_URL = ""
    return casting.build()


def stage(cast, *rows, user=None):
    out = io.BytesIO()
    write_workbook(out, [Table("抽查", HEAD, [list(row) for row in rows])])
    return staging.stage(out.getvalue(), "抽查.xlsx", "calls", cast.units["99"], MARCH, user or cast.city)


def counts(batch) -> tuple:
    return batch.new, batch.changed, batch.same, batch.review, batch.rejected


def test_calls_are_staged_confirmed_sent_again_and_undone(cast):
    one = factories.laborer(cast.units["99111"], "王建国")
    two = factories.laborer(cast.units["99211"], "李秀英")
    rows = [
        (one.id_no, "", "", "是", "是", "否", "是", "满意"),
        ("", "李秀英", "乙东镇", "否", "", "", "", ""),
    ]
    batch = stage(cast, *rows)
    assert counts(batch) == (2, 0, 0, 0, 0)
    assert not Campaign.objects.exists()
    confirming.confirm(batch, cast.city)
    call = Call.objects.get(laborer=one)
    assert (call.connected, call.place_matches, call.time_matches, call.satisfaction) == (
        True,
        True,
        False,
        "满意",
    )
    assert (call.township, call.village) == (cast.units["9911"], cast.units["99111"])
    assert Call.objects.get(laborer=two).place_matches is None
    again = stage(cast, *reversed(rows))
    assert counts(again) == (0, 0, 2, 0, 0)
    changed = stage(cast, (one.id_no, "", "", "是", "是", "是", "是", "满意"))
    assert counts(changed) == (0, 1, 0, 0, 0)
    confirming.confirm(changed, cast.city)
    assert Call.objects.get(laborer=one).time_matches is True
    assert confirming.undo(changed, cast.city) == []
    assert Call.objects.get(laborer=one).time_matches is False
    assert confirming.undo(batch, cast.city) == []
    assert not Call.objects.exists()
    assert not Campaign.objects.exists()


def test_a_call_changed_since_is_left_alone_by_undo(cast):
    one = factories.laborer(cast.units["99111"], "王建国")
    batch = stage(cast, (one.id_no, "", "", "是", "是", "否", "是", ""))
    confirming.confirm(batch, cast.city)
    Call.objects.update(time_matches=True)
    assert "未撤回" in confirming.undo(batch, cast.city)[0]
    assert Call.objects.count() == 1


@pytest.mark.parametrize(
    ("row", "verdict"),
    [
        (("", "重名人", "甲东镇", "是", "是", "是", "是", ""), "review"),
        (("", "没有人", "甲东镇", "是", "是", "是", "是", ""), "rejected"),
        (("", "重名人", "丙镇", "是", "是", "是", "是", ""), "rejected"),
        (("", "重名人", "", "是", "是", "是", "是", ""), "rejected"),
        (("", "", "", "是", "是", "是", "是", ""), "rejected"),
        (("", "独一人", "甲东镇", "否", "是", "", "", ""), "rejected"),
        (("", "独一人", "甲东镇", "否", "", "", "", "满意"), "rejected"),
        (("", "独一人", "甲东镇", "是", "", "是", "是", ""), "rejected"),
        (("", "独一人", "甲东镇", "", "", "", "", ""), "rejected"),
        (("", "独一人", "甲东镇", "也许", "", "", "", ""), "rejected"),
        (("", "独一人", "甲东镇", "是", "是", "是", "是", "还行"), "rejected"),
        (("", "独一人", "甲东镇", "√", "1", "是", "0", "基本满意"), "new"),
    ],
)
def test_rows_that_say_too_little_or_contradict_themselves(cast, row, verdict):
    for village in ("99111", "99112"):
        factories.laborer(cast.units[village], "重名人")
    factories.laborer(cast.units["99111"], "独一人")
    batch = stage(cast, row)
    assert getattr(batch, verdict) == 1
    assert sum(counts(batch)) == 1


def test_a_person_twice_in_one_file_is_named_with_the_first_row(cast):
    one = factories.laborer(cast.units["99111"], "王建国")
    row = (one.id_no, "", "", "是", "是", "否", "是", "")
    assert counts(stage(cast, row, row)) == (1, 0, 0, 0, 1)


def test_a_person_of_another_city_is_not_found(cast):
    far = factories.unit("98", "远方市", "city")
    village = factories.unit("981", "远方村", "village", far)
    stranger = factories.laborer(village, "ZQ远方")
    assert counts(stage(cast, (stranger.id_no, "", "", "是", "是", "是", "是", ""))) == (0, 0, 0, 0, 1)


@pytest.mark.parametrize("who", ["county", "township", "sampler"])
def test_only_the_city_imports_results(cast, who):
    with pytest.raises(Exception, match="权限|管辖"):
        stage(cast, ("", "王建国", "甲东镇", "是", "是", "是", "是", ""), user=getattr(cast, who))
