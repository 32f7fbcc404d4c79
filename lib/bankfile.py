"""发放文件 and 银行回单: the lines that go to the bank, sealed, and what the bank says of each, compared to the cent.

Pure: no models, no clock. Amounts are whole fen. A problem names sheet, row, column, value and kind; account numbers in
it are masked. Nothing that was sent may be absent, doubled or altered in what comes back (YD-F24, domain.md §5.4).
"""

from __future__ import annotations

import datetime as dt
import io
import re
from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field

from lib.crypto import blind_index
from lib.money import parse_yuan, yuan
from lib.sheets import (
    Refused,
    Sheet,
    Workbook,
    body,
    choose_sheet,
    find_header,
    read_workbook,
    text,
    to_date,
    write_csv,
    write_rows_fast,
)

HEADINGS = ("序号", "姓名", "开户行", "账号", "金额(元)", "用途", "批次号", "行号")
CHECK, SEAL = "合计", "校验码"
NAME, ACCOUNT, AMOUNT, RESULT, REASON, DAY, REFERENCE, BATCH, SERIAL = (
    "姓名", "账号", "金额", "结果", "原因", "交易日期", "流水号", "批次号", "行号",
)  # fmt: skip
_SPELLINGS = {
    NAME: ("姓名", "户名", "收款人", "收款人姓名", "收款人名称", "收款户名", "账户名称"),
    ACCOUNT: ("账号", "帐号", "银行账号", "银行帐号", "银行卡号", "卡号", "收款账号", "收款人账号"),
    AMOUNT: ("金额(元)", "金额", "交易金额", "发放金额", "代发金额", "实发金额"),
    RESULT: ("结果(成功/失败)", "结果", "处理结果", "交易结果", "发放结果", "状态", "交易状态", "处理状态"),
    REASON: ("原因", "失败原因", "退票原因", "退汇原因", "错误信息", "返回信息"),
    DAY: ("交易日期", "入账日期", "到账日期", "处理日期", "记账日期"),
    REFERENCE: ("流水号", "交易流水号", "银行流水号", "流水"),
    BATCH: ("批次号", "批次"),
    SERIAL: ("行号",),
}  # fmt: skip
TITLES = {spelling: title for title, spellings in _SPELLINGS.items() for spelling in spellings}
GOOD = {"成功", "交易成功", "支付成功", "发放成功", "入账成功", "处理成功", "代发成功", "已到账", "已入账"}
BAD = {
    "失败",
    "交易失败",
    "支付失败",
    "发放失败",
    "入账失败",
    "处理失败",
    "代发失败",
    "退票",
    "退汇",
    "未成功",
}

MISSING, DOUBLED, UNKNOWN, OTHER_BATCH = "缺行", "重复行", "批次中没有的行", "其他批次的行"
ALTERED = {AMOUNT: "金额不符", ACCOUNT: "账号不符", NAME: "姓名不符"}
NO_AMOUNT, NO_RESULT, NO_DAY, NO_REASON = "金额无法识别", "结果无法识别", "交易日期有误", "没有失败原因"
BROKEN_SEAL = "合计行不符"


@dataclass(frozen=True)
class Line:
    """One line of a payment file. Fen."""

    serial: int
    name: str
    bank: str
    number: str
    amount: int
    purpose: str
    batch: str


@dataclass(frozen=True)
class Problem:
    """One thing that does not agree. `serial` is the line of the batch it is about, where one is."""

    kind: str
    message: str
    sheet: str = ""
    row: int | None = None
    column: str = ""
    value: str = ""
    serial: int | None = None


@dataclass(frozen=True)
class Outcome:
    """What the bank says of one line: the day, and its reference (paid) or its reason (failed)."""

    serial: int
    on: dt.date | None
    words: str


@dataclass
class Result:
    """A receipt beside what was sent. Only lines without a problem stand under paid or failed. Fen."""

    paid: list[Outcome] = field(default_factory=list)
    failed: list[Outcome] = field(default_factory=list)
    problems: list[Problem] = field(default_factory=list)
    rows: int = 0
    total: int = 0


@dataclass(frozen=True)
class Returned:
    """One row of the bank's answer, cells by title; `row` is the sheet row from 1."""

    sheet: str
    row: int
    cells: dict[str, object]

    def said(self, title: str) -> str:
        return text(self.cells.get(title))

    @property
    def number(self) -> str:
        return account_of(self.cells.get(ACCOUNT))

    @property
    def amount(self) -> int | None:
        """Fen, or None where the cell is no amount."""
        try:
            return parse_yuan(self.cells.get(AMOUNT))
        except ValueError:
            return None

    @property
    def serial(self) -> int | None:
        words = self.said(SERIAL)
        return int(words) if words.isascii() and words.isdecimal() and len(words) < 10 else None

    def problem(self, kind: str, message: str, column: str, serial: int | None = None) -> Problem:
        value = masked(self.number) if column == ACCOUNT else self.said(column)[:60]
        return Problem(kind, message, self.sheet, self.row, column, value, serial)


def masked(number: str) -> str:
    """The last four digits only."""
    return f"尾号{number[-4:]}" if number else ""


def account_of(cell: object) -> str:
    """Digits as they read, without spaces and dashes; a number cell has lost its tail and never agrees."""
    return re.sub(r"[\s\-]+", "", text(cell))


# ── out ──────────────────────────────────────────────────────────────────────────────────────────────────────────


def digest(lines: Iterable[Line]) -> str:
    """The seal of these lines, 32 characters; keyed, so that nobody makes a new one for other lines."""
    return _seal(map(_cells, lines))


def _seal(rows: Iterable[Sequence[str]]) -> str:
    return blind_index("\x1e".join("\x1f".join(map(text, cells)) for cells in rows), "bank.file")


def total(lines: Iterable[Line]) -> int:
    return sum(line.amount for line in lines)


def write(lines: Sequence[Line], form: str = "xlsx") -> bytes:
    """The payment file as xlsx or csv; its last row holds the number of lines, their total and their seal."""
    rows = [*map(_cells, lines), [
        CHECK, f"{len(lines)}笔", "", "", yuan(total(lines), plain=True), SEAL, digest(lines), "",
    ]]  # fmt: skip
    out = io.BytesIO()
    if form == "csv":
        write_csv(out, HEADINGS, rows)
    else:
        widths = {"姓名": 12, "开户行": 28, "账号": 24, "金额(元)": 14, "用途": 24, "批次号": 36}
        write_rows_fast(out, HEADINGS, rows, sheet_name="发放明细", widths=widths)
    return out.getvalue()


def _cells(line: Line) -> list[str]:
    serial = str(line.serial)
    amount = yuan(line.amount, plain=True)
    return [serial, line.name, line.bank, line.number, amount, line.purpose, line.batch, serial]


def verify(data: bytes, filename: str = "") -> list[Problem]:
    """What is wrong with a payment file by its own last row; an empty list when nobody touched it."""
    sheet, header = _sheet(read_workbook(data, filename), (NAME, ACCOUNT, AMOUNT, SERIAL))
    found = body(sheet, header)
    rows = [[text(cell) for cell in row] + [""] * len(HEADINGS) for _, row in found.rows]
    last = [text(cell) for cell in sheet.rows[found.footers[-1][0] - 1]] if found.footers else []
    if len(last) < len(HEADINGS) - 1 or last[5] != SEAL:
        return [Problem(BROKEN_SEAL, "没有合计行和校验码，不是系统生成的完整文件。", sheet.name)]
    at = found.footers[-1][0]
    wrong = [
        Problem(BROKEN_SEAL, f"合计行写的是{last[1]}，实际{len(rows)}笔。", sheet.name, at, "姓名", last[1])
    ]
    problems = wrong if last[1] != f"{len(rows)}笔" else []
    try:
        reckoned = yuan(sum(parse_yuan(cells[4]) for cells in rows), plain=True)
    except ValueError:
        reckoned = "无法识别"
    if last[4] != reckoned:
        message = f"合计行写的是{last[4]}元，各行相加是{reckoned}元。"
        problems.append(Problem(BROKEN_SEAL, message, sheet.name, at, AMOUNT, last[4]))
    if last[6] != _seal(cells[: len(HEADINGS)] for cells in rows):
        message = "校验码与各行内容不符，文件被改动过，请重新下载。"
        problems.append(Problem(BROKEN_SEAL, message, sheet.name, at, "批次号", ""))
    return problems


# ── back ─────────────────────────────────────────────────────────────────────────────────────────────────────────


def _sheet(book: Workbook, required: Sequence[str]):
    sheet = choose_sheet(book)
    header = find_header(sheet.rows, TITLES)
    header.require(required)
    return sheet, header


def read(data: bytes, filename: str = "") -> list[Returned]:
    """The rows of the bank's answer. Raises lib.sheets.Refused with the sentence for the user."""
    sheet, header = _sheet(read_workbook(data, filename), (ACCOUNT, AMOUNT, RESULT))
    found = body(sheet, header)
    if not found.rows:
        raise Refused("回单里没有明细行，请核对后再上传。")
    return [Returned(sheet.name, row, _by_title(sheet, header.index, cells)) for row, cells in found.rows]


def _by_title(sheet: Sheet, index, cells: list) -> dict[str, object]:
    return {title: cells[column] for title, column in index.items() if column < len(cells)}


def compare(
    sent: Sequence[Line], returned: Sequence[Returned], first: dt.date = dt.date.min, last: dt.date = dt.date.max
) -> Result:  # fmt: skip
    """Each line sent beside its row: paid, failed, or a problem. Days outside `first` … `last` are problems."""
    result = Result(rows=len(returned), total=sum(row.amount or 0 for row in returned))
    pairs, left = _paired(sent, returned)
    for line in sent:
        row = pairs.get(line.serial)
        if row is None:
            where = returned[0].sheet if returned else ""
            message = f"第{line.serial}行{line.name}{yuan(line.amount)}元没有回来。"
            value = masked(line.number)
            result.problems.append(Problem(MISSING, message, where, None, ACCOUNT, value, line.serial))
        elif found := _differences(line, row, first, last):
            result.problems += found
        elif row.said(RESULT) in GOOD:
            result.paid.append(Outcome(line.serial, _day(row), row.said(REFERENCE)[:60]))
        else:
            result.failed.append(Outcome(line.serial, _day(row), row.said(REASON)[:100]))
    result.problems += _strangers(sent, left)
    return result


def _paired(sent: Sequence[Line], returned: Sequence[Returned]) -> tuple[dict[int, Returned], list[Returned]]:
    """Which row answers which line, and the rows that answer none.

    By row number where the bank kept it; else by account and amount, by account, and at last by name and amount.
    """
    pairs: dict[int, Returned] = {}
    numbers = {line.batch for line in sent}
    mine = [row for row in returned if row.said(BATCH) in numbers | {""}]
    ways: tuple[tuple[Callable[[Returned], object], Callable[[Line], object]], ...] = (
        (lambda row: row.serial, lambda line: line.serial),
        (lambda row: (row.number, row.amount), lambda line: (line.number, line.amount)),
        (lambda row: row.number, lambda line: line.number),
        (lambda row: (row.said(NAME), row.amount), lambda line: (line.name, line.amount)),
    )
    left = mine
    for number, (of_row, of_line) in enumerate(ways):
        free = defaultdict(list)
        for line in sent:
            if line.serial not in pairs:
                free[of_line(line)].append(line.serial)
        over = []
        for row in left:
            found = free.get(of_row(row)) if number == 0 or row.serial is None else None
            if found:
                pairs[found.pop(0)] = row
            else:
                over.append(row)
        left = over
    others = [row for row in returned if row.said(BATCH) not in numbers | {""}]
    return pairs, left + others


def _strangers(sent: Sequence[Line], left: Iterable[Returned]) -> list[Problem]:
    numbers = {line.batch for line in sent}
    serials = {line.serial for line in sent}
    accounts = {line.number: line.serial for line in sent}
    problems = []
    for row in left:
        if row.said(BATCH) not in numbers | {""}:
            problems.append(row.problem(OTHER_BATCH, "批次号不是本批次的，请核对是否传错了文件。", BATCH))
        elif row.serial in serials:
            problems.append(row.problem(DOUBLED, f"行号{row.serial}回来了不止一次。", SERIAL, row.serial))
        elif row.serial is None and row.number in accounts:
            message = "这个账号回来的次数比发送的多。"
            problems.append(row.problem(DOUBLED, message, ACCOUNT, accounts[row.number]))
        else:
            column = ACCOUNT if row.serial is None else SERIAL
            problems.append(row.problem(UNKNOWN, "本批次没有发送过这一行。", column))
    return problems


def _differences(line: Line, row: Returned, first: dt.date, last: dt.date) -> list[Problem]:
    found = []

    def add(kind: str, message: str, column: str) -> None:
        found.append(row.problem(kind, f"第{line.serial}行{line.name}：{message}", column, line.serial))

    if row.amount is None:
        add(NO_AMOUNT, f"应为{yuan(line.amount)}元，回单里的金额读不出来。", AMOUNT)
    elif row.amount != line.amount:
        add(ALTERED[AMOUNT], f"发送{yuan(line.amount)}元，回来{yuan(row.amount)}元。", AMOUNT)
    if row.number != line.number:
        add(ALTERED[ACCOUNT], f"发送的是{masked(line.number)}，回来的不同。", ACCOUNT)
    if row.said(NAME) and _letters(row.said(NAME)) != _letters(line.name):
        add(ALTERED[NAME], "户名与发送的不同。", NAME)
    said = row.said(RESULT)
    if said not in GOOD | BAD:
        add(NO_RESULT, "结果应为“成功”或“失败”。", RESULT)
    elif said in BAD and not row.said(REASON):
        add(NO_REASON, "失败的要写明原因。", REASON)
    on = _day(row)
    if (said in GOOD and on is None) or (on is not None and not first <= on <= last):
        add(NO_DAY, "成功的要有交易日期，不早于发送日，不晚于今天。", DAY)
    return found


def _letters(name: str) -> str:
    return re.sub(r"\s+", "", name)


def _day(row: Returned) -> dt.date | None:
    value = to_date(row.cells.get(DAY)).value
    return value if isinstance(value, dt.date) else None
