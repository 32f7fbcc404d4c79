"""The table of the 111 bad inputs: number → cases. A case takes the desk, sends the input and checks the answer.

File 1–26, layout 27–41, identity number 42–60,
name 61–71, telephone 72–78, dates, money and places 79–97, requests 98–111.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable
from typing import Any

from tests.ledgers.sheets import working

LAST = 111
CASES: dict[int, list[tuple[str, Callable[..., None]]]] = defaultdict(list)
PROVEN: dict[int, str] = {}  # number → node id of the test that proves it elsewhere
NOT_YET: dict[int, str] = {
    96: "重复申领: subsidies are not built yet",
    97: "公岗 with 外出务工 benefit: subsidies are not built yet",
}


def case(number: int, about: str = "") -> Callable:
    """Decorator: the function is a case of this number."""

    def keep(check: Callable[..., None]) -> Callable[..., None]:
        CASES[number].append((about or check.__name__.replace("_", " "), check))
        return check

    return keep


def refused(number: int, says: str, data: Callable[[], bytes], name: str = "台账.xlsx") -> None:
    """The whole file is refused with a sentence that contains `says`."""

    def check(desk: Any) -> None:
        batch = desk.receive(data(), name)
        assert (batch.state, says in batch.refusal) == ("refused", True), batch.refusal

    CASES[number].append((f"{says} {name}", check))


def rejected(number: int, title: str, cell: Any, says: str, **more: Any) -> None:
    _cell(number, "rejected", title, cell, says, more)


def review(number: int, title: str, cell: Any, says: str, **more: Any) -> None:
    _cell(number, "review", title, cell, says, more)


def accepted(number: int, title: str, cell: Any, key: str, value: Any, says: str = "", **more: Any) -> None:
    """The row is new and `key` would be written as `value`; `says` is what is told anyway."""
    _cell(number, "new", title, cell, says, more, (key, value))


def _cell(
    number: int, verdict: str, title: str, cell: Any, says: str, more: dict, written: tuple | None = None
) -> None:
    def check(desk: Any) -> None:
        line = working(务工地点="本乡镇") | more | {title: cell}
        by_csv = isinstance(cell, str) and any(
            character < " " for character in cell
        )  # no xlsx can hold these
        got, remarks, new = desk.rows([line], csv=by_csv)[0]
        assert got == verdict, remarks
        if says:
            [remark] = [one for one in remarks if one["column"] == title and says in one["message"]]
            assert remark["row"] == 2
            assert remark["value"] or cell is None
        if written:
            assert new[written[0]] == written[1]

    CASES[number].append((f"{title} {cell!r:.40}", check))
