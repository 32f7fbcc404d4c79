"""A small kind of workbook over accounts.Region: a code and a name."""

from __future__ import annotations

from accounts.models import Region
from lib.sheets import to_text
from lib.staging import (
    CHANGED,
    NEW,
    REJECTED,
    REVIEW,
    SAME,
    Column,
    Kind,
    Problem,
    Staged,
    Stale,
    parse_row,
    worst,
)

locked_because = {"reason": ""}
finished: list[str] = []


def place_name(cell):
    parsed = to_text(cell)
    if parsed.value and "?" in parsed.value:
        return parsed._replace(level="review", message="疑似生僻字乱码，请核对。")
    return parsed


class Places(Kind):
    name, title, right = "places", "地名", ("person", "i")
    columns = (
        Column("code", "代码", to_text, synonyms=("地名代码",), required=True, secret=True),
        Column("name", "名称", place_name, required=True),
        Column("note", "备注", to_text),
    )

    def judge(self, rows, context):
        stored = dict(Region.objects.values_list("code", "name"))
        ids = dict(Region.objects.values_list("code", "pk"))
        for row in rows:
            values, problems = parse_row(self.columns, row)
            code = values["code"] or ""
            if code and len(code) > 12:
                problems.append(Problem(row.number, "代码", code, "reject", "代码过长，应为12位。"))
            old = stored.get(code)
            new = {"code": code, "name": values["name"]}
            verdict = worst(problems) or (NEW if old is None else SAME if old == values["name"] else CHANGED)
            if verdict == REJECTED:
                yield Staged(row.number, verdict, "", {}, {}, None, problems)
            elif old is None:
                yield Staged(row.number, verdict, values["name"], new, {}, None, problems)
            else:
                yield Staged(
                    row.number,
                    verdict,
                    values["name"],
                    {"name": values["name"]},
                    {"name": old},
                    ids[code],
                    problems,
                )

    def apply(self, staged, context):
        for row in staged:
            if row.target is None:
                row.target = Region.objects.create(code=row.new["code"], name=row.new["name"], year=2023).pk
            elif not Region.objects.filter(pk=row.target, name=row.old["name"]).update(name=row.new["name"]):
                raise Stale("改过")

    def undo(self, staged, context):
        left = []
        for row in staged:
            mine = Region.objects.filter(pk=row.target, name=row.new["name"])
            done = mine.update(name=row.old["name"]) if row.old else mine.delete()[0]
            if not done:
                left.append(f"第 {row.row} 行已被改过，没有撤回。")
        return left

    def finish(self, context):
        finished.append(context.batch)

    def locked(self, context):
        return locked_because["reason"]


__all__ = ["REVIEW", "Places"]
