"""1 to 26: files that are not what they seem, too big, dangerous, oddly encoded, or sent twice."""

from __future__ import annotations

import io
import struct
import zipfile
import zlib
from functools import cache

from jobs import imports
from jobs.files import path_of, read_file
from ledgers.models import Laborer
from lib.sheets.guard import EICAR
from tests.inputs.corpus import case, refused
from tests.inputs.desk import chunk_counts, csv_of, notes, titles_of, xlsx_of
from tests.ledgers.sheets import working
from tests.lib.sheet_files import FIRST_SHEET, ole, repacked, with_members, with_sheet_xml


def good() -> bytes:
    return xlsx_of([working()])


def member(name: str, content: bytes = b"<x/>"):
    return lambda: with_members(good(), {name: content})


def sheet_xml(old: bytes, new: bytes):
    return lambda: with_sheet_xml(lambda xml: xml.replace(old, new, 1), good())


refused(1, "实为旧版xls", lambda: ole("Root Entry", "Workbook"))
refused(2, "扩展名与内容不符", good, "台账.csv")
refused(2, "扩展名与内容不符", good, "台账.xls")
refused(3, "这是网页", lambda: "<html><table><tr><td>姓名</td></tr></table></html>".encode(), "台账.xls")
refused(3, "这是网页", lambda: b"\xef\xbb\xbf\r\n<!DOCTYPE html><p>", "台账.xlsx")
refused(4, "含宏", good, "台账.xlsm")
refused(4, "含宏", member("xl/vbaProject.bin", b"\xcc"))
refused(4, "含宏", lambda: ole("Workbook", "_VBA_PROJECT"), "台账.xls")
refused(5, "请去除密码", lambda: ole("EncryptionInfo", "EncryptedPackage"))
refused(5, "请去除密码", lambda: encrypted_member())
refused(6, "文件是空的", lambda: b"")
refused(6, "文件损坏", lambda: good()[:300])
refused(6, "文件损坏", lambda: good()[:-40])
refused(6, "文件损坏", lambda: b"PK\x05\x06" + b"\0" * 18)
refused(7, "解压后过大", lambda: bomb())
refused(7, "解压后过大", lambda: bomb(declared=1000))
refused(8, "表格范围异常", lambda: far_cell("XFD1048576"))
refused(8, "表格范围异常", lambda: far_cell("A1048576"))
refused(
    9,
    "最多50000行，请拆分",
    lambda: "姓名,身份证号码\r\n".encode() + "张三,1\r\n".encode() * 2_000_000,
    "台账.csv",
)
refused(9, "最多50000行，请拆分", lambda: long_sheet(1_000_000))
refused(11, "含不允许的XML", lambda: with_declaration(laughs(10)))
refused(11, "含不允许的XML", lambda: with_declaration(b'<!DOCTYPE x [<!ENTITY a "%s">]>' % (b"a" * 50_000)))
refused(
    12, "含不允许的XML", lambda: with_declaration(b'<!DOCTYPE x [<!ENTITY a SYSTEM "file:///etc/passwd">]>')
)
refused(12, "含不允许的XML", lambda: with_declaration(b'<!DOCTYPE x SYSTEM "http://example.invalid/x.dtd">'))
refused(13, "内部结构异常", member("../evil.xml"))
refused(13, "内部结构异常", member("xl/../../evil.xml"))
refused(13, "内部结构异常", lambda: with_link())
refused(14, "内部结构异常", lambda: with_members(good(), {f"xl/{n}": b"" for n in range(10_000)}))
refused(14, "内部结构异常", lambda: with_members(good(), {"xl/inner.zip": good()}))
refused(14, "内部结构异常", lambda: with_members(good(), {"xl/inner.xml": good()}))
refused(15, "含外部链接", member("xl/externalLinks/externalLink1.xml"))
refused(15, "含外部链接", lambda: xlsx_of([working()], dress=dde))
refused(17, "合并单元格太多", lambda: merged(42_000))
refused(
    20,
    "第3行编码错误",
    lambda: csv_of([working(), working(姓名="示例◆")]).replace("◆".encode(), b"\xff"),
    "台账.csv",
)
refused(
    20,
    "第2行编码错误",
    lambda: csv_of([working(姓名="示例◆")], "gbk").replace("◆".encode("gbk"), b"\xff\xff"),
    "台账.csv",
)
refused(22, "引号不成对", lambda: '姓名,身份证号码\r\n"张三,1\r\n李四,2\r\n'.encode(), "台账.csv")
refused(24, "病毒", lambda: EICAR, "台账.csv")
refused(24, "病毒", member("xl/media/image1.png", EICAR))


def encrypted_member() -> bytes:
    data = bytearray(good())
    data[data.index(b"PK\x01\x02") + 8] |= 1
    return bytes(data)


@cache
def bomb(declared: int = 600 << 20) -> bytes:
    """600 MB of blanks as a member of less than 600 kB; `declared` is what the directory claims."""
    engine = zlib.compressobj(9, zlib.DEFLATED, -15)
    piece = engine.compress(b" " * (1 << 20))
    piece += engine.flush(zlib.Z_FULL_FLUSH)  # from here on it may be repeated as it stands
    packed = piece * 600 + engine.flush()
    out = io.BytesIO(good())
    with zipfile.ZipFile(out, "a") as archive:
        archive.writestr("xl/big.xml", b"")
    data, name = bytearray(out.getvalue()), b"xl/big.xml"
    local, central = data.index(name) - 30, data.rindex(name) - 46
    end = data.rindex(b"PK\x05\x06")
    start_of_directory = struct.unpack_from("<I", data, end + 16)[0]
    struct.pack_into("<H", data, local + 8, zipfile.ZIP_DEFLATED)
    struct.pack_into("<H", data, central + 10, zipfile.ZIP_DEFLATED)
    struct.pack_into("<II", data, central + 20, len(packed), declared)
    struct.pack_into("<I", data, end + 16, start_of_directory + len(packed))
    head = local + 30 + len(name)
    made = bytes(data[:head] + packed + data[head:])
    assert len(made) < 700_000
    return made


def far_cell(reference: str) -> bytes:
    row = "".join(filter(str.isdigit, reference)).encode()
    far = b'<row r="%s"><c r="%s"><v>1</v></c></row></sheetData>' % (row, reference.encode())
    made = sheet_xml(b"</sheetData>", far)()
    assert len(made) < 10_000
    return made


@cache
def long_sheet(rows: int) -> bytes:
    lines = b"".join(b'<row r="%d"><c r="A%d"><v>1</v></c></row>' % (n, n) for n in range(3, rows))
    return sheet_xml(b"</sheetData>", lines + b"</sheetData>")()


def with_declaration(declaration: bytes) -> bytes:
    return repacked(good(), {FIRST_SHEET: lambda xml: xml.replace(b"?>", b"?>" + declaration, 1)})


def laughs(depth: int) -> bytes:
    entities = b'<!ENTITY a0 "ha">' + b"".join(
        b'<!ENTITY a%d "%s">' % (n, b"&a%d;" % (n - 1) * 10) for n in range(1, depth)
    )
    return b"<!DOCTYPE x [" + entities + b"]>"


def with_link() -> bytes:
    out = io.BytesIO(good())
    with zipfile.ZipFile(out, "a") as archive:
        link = zipfile.ZipInfo("xl/link.xml")
        link.external_attr = 0o120777 << 16
        archive.writestr(link, "/etc/passwd")
    return out.getvalue()


def dde(_, sheet) -> None:
    sheet.write_formula(5, 0, "=cmd|'/C calc'!A0", None, "1")


def merged(count: int) -> bytes:
    cells = b"".join(b'<mergeCell ref="A%d:B%d"/>' % (n, n) for n in range(3, count + 3))
    return sheet_xml(b"</sheetData>", b"</sheetData><mergeCells>" + cells + b"</mergeCells>")()


@case(10, "50,000 rows are read and 50,001 refused")
def the_limit(desk) -> None:
    desk.kind, desk.month = "places", None
    line = "990101,甲地\r\n".encode()
    batch = desk.receive("代码,名称\r\n".encode() + line * 50_000, "地名.csv")
    assert (batch.state, batch.read) == ("staged", 50_000)
    batch = desk.receive("代码,名称\r\n".encode() + line * 50_001, "地名.csv")
    assert (batch.state, batch.read) == ("refused", 0)
    assert "最多50000行，请拆分" in batch.refusal


@case(12, "an external entity is a security event")
def hostile_files_are_on_record(desk, caplog) -> None:
    batch = desk.receive(with_declaration(b'<!DOCTYPE x [<!ENTITY a SYSTEM "file:///etc/passwd">]>'))
    assert [r.getMessage() for r in caplog.records if r.name == "jobs" and batch.number in r.getMessage()]
    caplog.clear()
    desk.receive(b"")
    assert not [r for r in caplog.records if r.name == "jobs"]


@case(16)
def pictures_are_ignored_and_told(desk) -> None:
    for name in ("xl/media/image1.png", "xl/embeddings/oleObject1.bin"):
        batch = desk.receive(member(name, b"\x89PNG")())
        assert batch.new == 1
        assert "图片" in notes(batch)


@case(18)
def a_gbk_table_is_read_strictly_and_asks_for_a_look(desk) -> None:
    batch = desk.receive(csv_of([working(姓名="示例喆")], "gb18030"), "台账.csv")
    assert batch.new == 1
    assert "GB18030" in notes(batch)
    assert [new["name"] for _, _, new in desk.rows([working(姓名="示例喆")], csv=True)] == ["示例喆"]


@case(19)
def tables_with_a_byte_order_mark_are_read(desk) -> None:
    for encoding in ("utf-8-sig", "utf-16"):
        batch = desk.receive(csv_of([working()], encoding), "台账.csv")
        assert batch.new == 1, encoding


@case(21)
def tabs_and_semicolons_separate_too(desk) -> None:
    for separator in "\t;":
        batch = desk.receive(csv_of([working()], separator=separator), "台账.csv")
        assert batch.new == 1, separator


@case(23)
def a_hostile_file_name_is_only_a_label(desk, settings) -> None:
    hostile = (
        "../../etc/passwd.xlsx",
        "<script>alert(1)</script>.xlsx",
        "a\0b\u202exslx.xlsx",
        f"{'长' * 300}.xlsx",
    )
    for name in (*hostile, "C:\\con\\台账.xlsx", "\udcff台账.xlsx", "'; DROP TABLE x;--.xlsx"):
        batch = desk.receive(good(), name)
        assert batch.new == 1, name
        stored = batch.source
        assert path_of(stored).name == stored.pk.hex
        assert path_of(stored).is_relative_to(settings.MEDIA_ROOT)
        assert read_file(stored)[:2] == b"PK"
        assert stored.name.isprintable()
        assert "/" not in stored.name


@case(25)
def the_same_file_again_changes_nothing_and_names_the_batch(desk) -> None:
    data = good()
    first = desk.confirm(desk.receive(data))
    again = desk.receive(data)
    assert (chunk_counts(again), again.same) == ([0, 0, 1, 0, 0], 1)
    assert f"已导入，批次{first.number}" in notes(again)
    assert desk.confirm(again).state == "confirmed"
    assert Laborer.objects.count() == 1
    assert Laborer.objects.get().version == 1


@case(26)
def the_same_rows_saved_anew_change_nothing(desk) -> None:
    lines = [working(), working()]
    desk.confirm(desk.receive(xlsx_of(lines)))
    titles = titles_of(lines)
    turned = [{title: line[title] for title in reversed(titles)} for line in reversed(lines)]
    for data, name in ((csv_of(turned, "gb18030"), "另存.csv"), (xlsx_of(turned), "另存.xlsx")):
        batch = desk.receive(data, name)
        assert chunk_counts(batch) == [0, 0, 2, 0, 0]
    assert imports.confirm(batch, batch.owner).state == "confirmed"
