"""Where the header is, which rows are data, which are signatures (items 27–37)."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass, field

from .cells import clean, text
from .guard import Refused
from .read import Sheet, Workbook

RESULT_COLUMN = "校验结果"
_HEADER_WITHIN = 10

_UNIT = re.compile(
    r"\((?:必填|选填|可选|下拉选择|元|万元|元/月|元/年|个|个月|月|天|年|岁|人|人次|次|户|%|％|平方米|亩|公里"
    r"|[ymdh年月日\d./\-]+)\)$",
    re.IGNORECASE,
)
_ENDINGS = re.compile(r"[*＊:：、。;；]+$|^[*＊]+")
_TOTAL = re.compile(r"(?:本页)?(?:合计|小计|总计|共计|累计|总合计)[:：]?$")
_SIGNATURE = re.compile(
    r"(?:(?:填表|填报|制表|审核|审批|复核|经办|负责|分管领导|主要领导|单位负责|签字|签名|签章|盖章|说明|备注|注|联系电话)"
    r"(?:人|单位|时间|日期|意见)?(?:\((?:签字|签名|签章|盖章|公章)\))?[:：]"
    r"|(?:填表人|填报人|制表人|审核人|经办人|签字|签章|盖章|负责人|单位负责人|填表说明)$)"
)


@dataclass(frozen=True)
class Header:
    """`row` is the sheet row (from 1) of the last header line; `columns` one title or None per column.

    `index` maps each known title to its column (from 0), `unknown` lists titles nobody asked for.
    """

    row: int
    columns: tuple[str | None, ...]
    index: Mapping[str, int]
    unknown: tuple[str, ...] = ()

    def require(self, titles: Iterable[str]) -> None:
        """Item 29: missing columns refuse the file, all of them named at once."""
        if missing := [title for title in titles if title not in self.index]:
            raise Refused(f"缺少列：{'、'.join(missing)}。请使用模板，或在列对应中指定。")


@dataclass
class Body:
    """Data rows with their sheet row numbers, and the rows set aside."""

    rows: list[tuple[int, list]] = field(default_factory=list)
    footers: list[tuple[int, str]] = field(default_factory=list)


def normalise_title(value: object) -> str:
    """Full-width forms, spaces, line breaks, stars and a unit in brackets make no difference to a title."""
    title = re.sub(r"[\s\x00-\x1f\x7f]+", "", unicodedata.normalize("NFKC", clean(text(value))))
    title = _ENDINGS.sub("", title.replace("【", "(").replace("】", ")").replace("[", "(").replace("]", ")"))
    return _ENDINGS.sub("", _UNIT.sub("", title))


def column_letter(column: int) -> str:
    """0 → A, 26 → AA: how messages name a column."""
    letters = ""
    column += 1
    while column:
        column, rest = divmod(column - 1, 26)
        letters = chr(65 + rest) + letters
    return letters


def choose_sheet(book: Workbook, name: str | None = None) -> Sheet:
    """The sheet to read; several filled visible ones need a choice (item 33)."""
    filled = [sheet for sheet in book.sheets if sheet.filled and not sheet.hidden]
    if name is not None:
        filled = [sheet for sheet in filled if sheet.name == name]
    if not filled:
        raise Refused("没有找到有数据的工作表。" if name is None else f"没有找到工作表“{name}”。")
    if len(filled) > 1:
        raise Refused(f"有多个工作表含数据（{'、'.join(sheet.name for sheet in filled)}），请选择工作表。")
    return filled[0]


def find_header(rows: list[list], known_titles: Collection[str] | Mapping[str, str]) -> Header:
    """The header among the first rows: the row, or the pair of merged rows, that holds most known titles.

    `known_titles` is a collection of titles, or a mapping from each accepted spelling to its title. Below a group
    heading a column answers to "group/title" and to the title alone.
    """
    names = _Names(known_titles)
    best: list[_Match] = []
    best_row, best_score = 0, 0
    for number in range(min(_HEADER_WITHIN, len(rows))):
        single = [names.match(title) for title in map(normalise_title, rows[number])]
        score = _score(single)
        if score > best_score:
            best, best_row, best_score = single, number, score
        if number:
            double = [names.match(*options) for options in _paired(rows[number - 1], rows[number])]
            # A group has two columns or more: one extra hit is a data cell that looks like a title.
            if (score := _score(double)) >= best_score + 2:
                best, best_row, best_score = double, number, score
    if best_score < min(2, len(set(names.titles.values()))):
        raise Refused(f"没有找到表头：前{_HEADER_WITHIN}行中没有认识的列名，请使用模板。")
    return _header(best_row + 1, best)


@dataclass(frozen=True)
class _Match:
    printed: str
    title: str | None


class _Names:
    def __init__(self, known: Collection[str] | Mapping[str, str]):
        pairs = known.items() if isinstance(known, Mapping) else ((title, title) for title in known)
        self.titles = {normalise_title(spelling): title for spelling, title in pairs}

    def match(self, *options: str) -> _Match:
        for option in options:
            if option and option in self.titles:
                return _Match(option, self.titles[option])
        return _Match(options[0], None)


def _score(matches: list[_Match]) -> int:
    return len({match.title for match in matches if match.title})


def _paired(upper: list, lower: list) -> list[tuple[str, ...]]:
    """Spellings to try for each column of two header rows; a group reaches right while its own cells are blank."""
    width = max(len(upper), len(lower))
    options: list[tuple[str, ...]] = []
    group = ""
    for column in range(width):
        top = normalise_title(upper[column]) if column < len(upper) else ""
        bottom = normalise_title(lower[column]) if column < len(lower) else ""
        group = top or (group if bottom else "")
        if bottom and group:
            options.append((f"{group}/{bottom}", bottom, top) if top else (f"{group}/{bottom}", bottom))
        else:
            options.append((bottom or top,))
    return options


def _header(row: int, matches: list[_Match]) -> Header:
    index: dict[str, int] = {}
    unknown: list[str] = []
    for column, match in enumerate(matches):
        if match.printed.rpartition("/")[2] == RESULT_COLUMN:
            continue
        if match.title is None:
            if match.printed:
                unknown.append(match.printed)
        elif match.title in index:
            first, second = column_letter(index[match.title]), column_letter(column)
            raise Refused(f"列名重复：“{match.title}”出现在{first}列和{second}列，请保留一列。")
        else:
            index[match.title] = column
    columns = tuple(match.title or match.printed or None for match in matches)
    return Header(row, columns, index, tuple(unknown))


def is_footer_row(row: list) -> bool:
    """合计, 小计, 签字, 填表人, 审核 …: the first words of the row say so."""
    first = next((cell for cell in row if cell is not None and cell != ""), None)
    if first.__class__ is not str or len(first) > 200:
        return False
    words = re.sub(r"\s+", "", unicodedata.normalize("NFKC", first))
    return bool(_TOTAL.match(words) or _SIGNATURE.match(words))


def body(sheet: Sheet, header: Header, fill_down: Iterable[str] = ()) -> Body:
    """The rows below the header: blanks skipped, footers set aside, merged `fill_down` titles repeated.

    Refuses more rows than the sheet's limit, never cuts (items 9, 10).
    """
    _fill_merged(sheet, header, {header.index[title] for title in fill_down if title in header.index})
    result = Body()
    filled: Callable[[list], bool] = _filled_outside(header)
    for number, row in enumerate(sheet.rows[header.row :], header.row + 1):
        if not filled(row):
            continue
        if is_footer_row(row):
            result.footers.append((number, "　".join(text(cell) for cell in row if cell is not None)))
        else:
            result.rows.append((number, row))
    if len(result.rows) > sheet.max_rows:
        raise Refused(f"数据行太多，一次最多{sheet.max_rows}行，请拆分后再上传。")
    return result


def _filled_outside(header: Header) -> Callable[[list], bool]:
    """Is there anything in the row besides our own result column and blanks?"""
    ignored = {column for column, title in enumerate(header.columns) if title == RESULT_COLUMN}

    def filled(row: list) -> bool:
        for column, cell in enumerate(row):
            if cell is not None and column not in ignored and (cell.__class__ is not str or cell.strip()):
                return True
        return False

    return filled


def _fill_merged(sheet: Sheet, header: Header, columns: set[int]) -> None:
    for (top, left), (bottom, right) in sheet.merges:
        for column in columns.intersection(range(left, right + 1)):
            if top < header.row or top >= len(sheet.rows) or left >= len(sheet.rows[top]):
                continue
            value = sheet.rows[top][left]
            for row in sheet.rows[top : bottom + 1]:
                row.extend([None] * (column + 1 - len(row)))
                if row[column] is None:
                    row[column] = value
