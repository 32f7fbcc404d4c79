"""The command line answers in JSON, refuses with exit code 2, and changes nothing without --confirm."""

from __future__ import annotations

import json

import pytest
from django.core.management import CommandError, call_command

from accounts.audit import AuditEntry
from accounts.models import Region
from jobs.models import ImportBatch, StoredFile
from lib.sheets import read_workbook
from lib.staging import EXPORTS, Export
from tests.jobs.conftest import workbook

pytestmark = pytest.mark.django_db
ROWS = [["990101", "甲地"], ["990102", "乙?地"], ["9901021985061500153", "丙地"]]


@pytest.fixture
def sheet(tmp_path):
    path = tmp_path / "地名.xlsx"
    path.write_bytes(workbook(ROWS))
    return path


@pytest.fixture
def run(cast, places, capsys):
    def run(
        path, *extra: str, unit: str = "99111", user: str = "cun", kind: str = "places"
    ) -> tuple[int, dict]:
        code = 0
        try:
            call_command(
                "import_workbook", str(path), "--kind", kind, "--unit", unit, "--as", user, "--json", *extra
            )
        except SystemExit as end:
            code = end.code
        return code, json.loads(capsys.readouterr().out)

    return run


def test_staging_reports_counts_and_problems_and_changes_nothing(run, sheet) -> None:
    code, answer = run(sheet)
    assert code == 0
    assert list(answer) == [
        "batch", "status", "read", "new", "changed", "same", "review", "rejected", "problems",
    ]  # fmt: skip
    assert [answer[name] for name in ("status", "read", "new", "review", "rejected")] == [
        "staged",
        3,
        1,
        1,
        1,
    ]
    assert [(p["row"], p["level"], p["column"]) for p in answer["problems"]] == [
        (3, "review", "名称"),
        (4, "reject", "代码"),
    ]
    assert answer["problems"][1]["value"] == "9901***********0153"
    assert not Region.objects.filter(code__startswith="99").exists()


def test_confirming_writes_and_repeating_changes_nothing(run, sheet) -> None:
    assert run(sheet, "--confirm")[1]["status"] == "confirmed"
    entries = AuditEntry.objects.count()
    code, again = run(sheet, "--confirm")
    assert (code, again["status"], again["new"], again["changed"], again["same"]) == (0, "confirmed", 0, 0, 1)
    assert Region.objects.filter(code__startswith="99").count() == 1
    assert AuditEntry.objects.count() == entries


@pytest.mark.parametrize(
    ("content", "reason"),
    [(b"", "空"), (b"<html><table>", "网页"), (workbook(ROWS, head=("名称", "代号")), "缺少列：代码")],
)
def test_a_refused_file_exits_2_with_one_reason_and_stores_nothing(run, tmp_path, content, reason) -> None:
    path = tmp_path / "x.xlsx"
    path.write_bytes(content)
    code, answer = run(path, "--confirm")
    assert (code, answer["status"], len(answer["problems"])) == (2, "refused", 1)
    assert reason in answer["problems"][0]["message"]
    assert not ImportBatch.objects.exists()
    assert not StoredFile.objects.exists()


def test_a_foreign_unit_is_refused(run, sheet) -> None:
    code, answer = run(sheet, unit="99112")
    assert (code, answer["status"]) == (2, "refused")
    assert not StoredFile.objects.exists()


def test_an_unknown_user_is_named(run, sheet) -> None:
    with pytest.raises(CommandError, match="没有名为“wuming”的在用账号"):
        call_command("import_workbook", str(sheet), "--kind", "places", "--unit", "99111", "--as", "wuming")


def test_the_plain_answer_is_written_for_people(cast, places, sheet, capsys) -> None:
    call_command("import_workbook", str(sheet), "--kind", "places", "--unit", "99111", "--as", "cun")
    lines = capsys.readouterr().out.splitlines()
    assert "读入3行，新增1，变更0，相同0，待核1，退回1。" in lines[0]
    assert lines[2] == "第 4 行 代码：代码过长，应为12位。"


@pytest.fixture
def export(monkeypatch) -> Export:
    made = Export(
        "places", "地名表", ("person", "x"), ("代码", "名称"),
        lambda user, unit, month: iter([["990101", "=1+1"]]), personal=True,
    )  # fmt: skip
    monkeypatch.setitem(EXPORTS, "places", made)
    return made


def test_an_export_is_inert_and_on_record(cast, export, tmp_path, capsys) -> None:
    out = tmp_path / "out.xlsx"
    call_command(
        "export_workbook", "--kind", "places", "--unit", "991", "--month", "2023-03", "--as", "xian",
        "--out", str(out), "--json",
    )  # fmt: skip
    assert json.loads(capsys.readouterr().out)["rows"] == 1
    rows = read_workbook(out).sheets[0].rows
    assert rows[0][0].startswith("甲县2023年3月地名表（xian 于")
    assert rows[2] == ["990101", "=1+1"]
    assert AuditEntry.objects.get(action="export").detail == {"rows": 1, "month": "2023-03", "personal": True}


def test_an_export_outside_the_reach_is_refused(cast, export, tmp_path) -> None:
    with pytest.raises(CommandError, match="权限"):
        call_command(
            "export_workbook",
            "--kind",
            "places",
            "--unit",
            "991",
            "--as",
            "cun",
            "--out",
            str(tmp_path / "x.xlsx"),
        )
