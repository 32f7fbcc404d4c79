"""Files that must be refused before any parser sees them (bad-input list, items 1–24)."""

import io
import struct
import zipfile
import zlib

import pytest

from lib.sheets import Limits, Refused, read_workbook
from lib.sheets.guard import EICAR
from tests.lib.sheet_files import (
    FIRST_SHEET,
    HEADINGS,
    PERSON,
    ole,
    repacked,
    with_members,
    with_sheet_xml,
    workbook,
)


def refusal(data: bytes, filename: str = "表.xlsx", limits: Limits | None = None) -> str:
    with pytest.raises(Refused) as caught:
        read_workbook(data, filename, limits)
    return caught.value.message


def test_an_old_xls_renamed_to_xlsx_says_so():
    assert "实为旧版xls，请另存为xlsx" in refusal(ole("Root Entry", "Workbook"))


@pytest.mark.parametrize("extension", ["csv", "xls", "txt"])
def test_an_xlsx_under_another_extension_says_so(extension):
    assert "扩展名与内容不符" in refusal(workbook(), f"表.{extension}")


@pytest.mark.parametrize(
    "page", [b"<html><table>", b"\xef\xbb\xbf\r\n <!DOCTYPE html>", b"<?xml version='1.0'?><Workbook/>"]
)
def test_a_web_page_called_xls_says_so(page):
    assert "这是网页" in refusal(page, "表.xls")


def test_macros_are_refused_by_extension_by_member_and_by_content_type():
    assert "含宏" in refusal(workbook(), "表.xlsm")
    assert "含宏" in refusal(with_members(workbook(), {"xl/vbaProject.bin": b"\xcc"}))
    assert "含宏" in refusal(ole("Workbook", "_VBA_PROJECT"), "表.xls")
    macro_type = repacked(
        workbook(),
        {"[Content_Types].xml": lambda xml: xml.replace(b"sheet.main+xml", b"sheet.macroEnabled.main+xml")},
    )
    assert "含宏" in refusal(macro_type)


def test_an_encrypted_workbook_asks_for_the_password_to_be_taken_off():
    assert "请去除密码" in refusal(ole("EncryptionInfo", "EncryptedPackage"))


@pytest.mark.parametrize("cut", [10, 200, -30])
def test_a_truncated_file_is_called_damaged(cut):
    assert "文件损坏" in refusal(workbook()[:cut])


def test_an_empty_file_is_called_empty():
    assert "空" in refusal(b"")
    assert "空" in refusal(workbook([]))
    assert "空" in refusal(b"\r\n\r\n", "表.csv")


def test_a_wrong_checksum_is_called_damaged():
    data = bytearray(workbook())
    central = data.rindex(b"PK\x01\x02", 0, data.rindex(FIRST_SHEET.encode()))
    data[central + 16] ^= 0xFF
    assert "文件损坏" in refusal(bytes(data))


def bomb(declared: int | None = None) -> bytes:
    """300 MB of blanks in one member; `declared` is the size the directory claims."""
    engine = zlib.compressobj(9, zlib.DEFLATED, -15)
    packed = b"".join(engine.compress(b" " * (1 << 20)) for _ in range(300)) + engine.flush()
    data = bytearray(with_members(workbook(), {"xl/big.xml": b""}))
    name = b"xl/big.xml"
    size = declared if declared is not None else 300 << 20
    local = data.index(b"PK\x03\x04", data.index(name) - 40)
    central = data.rindex(b"PK\x01\x02", 0, data.rindex(name))
    end = data.rindex(b"PK\x05\x06")
    data[local + 8 : local + 10] = data[central + 10 : central + 12] = struct.pack("<H", 8)
    head = local + 30 + len(name)
    old = struct.unpack_from("<I", data, central + 20)[0]
    data[central + 20 : central + 28] = struct.pack("<II", len(packed), size)
    data[end + 16 : end + 20] = struct.pack(
        "<I", struct.unpack_from("<I", data, end + 16)[0] + len(packed) - old
    )
    return bytes(data[:head] + packed + data[head + old :])


def test_a_zip_bomb_is_refused_from_the_directory():
    data = bomb()
    assert len(data) < 400_000
    assert "解压后过大" in refusal(data)


def test_a_zip_bomb_whose_directory_lies_is_refused_by_counting():
    assert "解压后过大" in refusal(bomb(declared=1000))


@pytest.mark.parametrize("reference", ["XFD1048576", "A1048576", "XFD3", "ZZ99999"])
def test_a_lonely_far_cell_is_an_abnormal_range(reference):
    row = "".join(filter(str.isdigit, reference)).encode()
    far = b'<row r="%s"><c r="%s"><v>1</v></c></row></sheetData>' % (row, reference.encode())
    assert "表格范围异常" in refusal(with_sheet_xml(lambda xml: xml.replace(b"</sheetData>", far)))


def test_a_far_cell_in_unusual_spelling_is_found_too():
    far = b"<row r='1048576'><c s='0' r='XFD1048576' ><v>1</v></c></row></sheetData>"
    assert "表格范围异常" in refusal(with_sheet_xml(lambda xml: xml.replace(b"</sheetData>", far)))


def test_a_sheet_hidden_outside_the_sheet_folder_is_refused():
    rels = "xl/_rels/workbook.xml.rels"
    moved = repacked(
        workbook(), {rels: lambda xml: xml.replace(b"worksheets/sheet1.xml", b"other/sheet1.xml")}
    )
    assert "内部结构异常" in refusal(with_members(moved, {"xl/other/sheet1.xml": b"<worksheet/>"}))


def test_a_far_cell_in_a_row_without_cell_references_is_found():
    far = b'<row r="1048576"><c><v>1</v></c></row></sheetData>'
    assert "表格范围异常" in refusal(with_sheet_xml(lambda xml: xml.replace(b"</sheetData>", far)))


def test_a_far_blank_cell_with_a_border_does_no_harm():
    far = b'<row r="1048576"><c r="A1048576" s="0"/></row></sheetData>'
    book = read_workbook(with_sheet_xml(lambda xml: xml.replace(b"</sheetData>", far)), "表.xlsx")
    assert book.sheets[0].rows == [HEADINGS, PERSON]


def test_too_many_rows_are_refused_never_cut():
    rows = "".join(f"张三,{number}\r\n" for number in range(2_000))
    assert "最多100行，请拆分" in refusal(rows.encode(), "表.csv", Limits(max_rows=100))
    assert "最多100行，请拆分" in refusal(workbook([["张三"]] * 2_000), limits=Limits(max_rows=100))


@pytest.mark.parametrize(
    "declaration",
    [
        b'<!DOCTYPE x [<!ENTITY a "b">]>',
        b'<!DOCTYPE x [<!ENTITY a SYSTEM "file:///etc/passwd">]>',
        b'<!DOCTYPE x SYSTEM "http://example.invalid/x.dtd">',
    ],
)
@pytest.mark.parametrize(
    "member", [FIRST_SHEET, "xl/workbook.xml", "xl/sharedStrings.xml", "xl/_rels/workbook.xml.rels"]
)
def test_entities_and_document_types_are_refused(declaration, member):
    data = repacked(workbook(), {member: lambda xml: xml.replace(b"?>", b"?>" + declaration, 1)})
    assert "不允许的XML" in refusal(data)


def test_an_entity_across_two_pieces_is_still_found():
    padded = with_sheet_xml(lambda xml: b" " * ((1 << 20) - 4) + b"<!DOCTYPE x>" + xml)
    assert "不允许的XML" in refusal(padded, limits=Limits(max_ratio=10_000))


@pytest.mark.parametrize("encoding", ["utf-16", "utf-16-le", "utf-32-le"])
def test_xml_in_an_encoding_that_hides_declarations_is_refused(encoding):
    assert "不允许的XML" in refusal(with_sheet_xml(lambda xml: xml.decode().encode(encoding)))


@pytest.mark.parametrize("name", ["../evil.xml", "xl/../../evil.xml", "/etc/evil", "C:/evil.xml"])
def test_a_member_outside_the_package_is_refused(name):
    assert "内部结构异常" in refusal(with_members(workbook(), {name: b"<x/>"}))


def test_a_symbolic_link_is_refused():
    out = io.BytesIO(workbook())
    with zipfile.ZipFile(out, "a") as archive:
        link = zipfile.ZipInfo("xl/link.xml")
        link.external_attr = 0o120777 << 16
        archive.writestr(link, "/etc/passwd")
    assert "内部结构异常" in refusal(out.getvalue())


def test_ten_thousand_members_are_refused():
    assert "内部结构异常" in refusal(
        with_members(workbook(), {f"xl/{number}": b"" for number in range(10_000)})
    )


@pytest.mark.parametrize("name", ["xl/inner.zip", "xl/inner.xml", "docProps/inner.xlsx"])
def test_an_archive_inside_the_archive_is_refused(name):
    assert "内部结构异常" in refusal(with_members(workbook(), {name: workbook()}))


def test_the_same_member_twice_is_refused():
    out = io.BytesIO(workbook())
    with zipfile.ZipFile(out, "a") as archive, pytest.warns(UserWarning, match="Duplicate"):
        archive.writestr(FIRST_SHEET, b"<worksheet/>")
    assert "内部结构异常" in refusal(out.getvalue())


def test_external_links_and_dde_are_refused():
    assert "含外部链接" in refusal(with_members(workbook(), {"xl/externalLinks/externalLink1.xml": b"<x/>"}))
    assert "含外部链接" in refusal(with_members(workbook(), {"xl/connections.xml": b"<x/>"}))
    dde = workbook(dress=lambda _, sheet: sheet.write_formula(3, 0, "=cmd|'/C calc'!A0", None, "1"))
    assert "含外部链接" in refusal(dde)


def test_forty_two_thousand_merges_are_refused():
    merges = (
        b"<mergeCells>"
        + b"".join(b'<mergeCell ref="A%d:B%d"/>' % (n, n) for n in range(3, 42_003))
        + b"</mergeCells>"
    )
    data = with_sheet_xml(lambda xml: xml.replace(b"</sheetData>", b"</sheetData>" + merges))
    assert "合并单元格太多" in refusal(data)


def test_the_scanner_test_signature_is_refused_bare_in_text_and_inside_a_package():
    assert "病毒" in refusal(EICAR, "表.csv")
    assert "病毒" in refusal("姓名\r\n".encode() + EICAR, "表.csv")
    assert "病毒" in refusal(with_members(workbook(), {"xl/media/image1.png": EICAR}))


def test_other_kinds_of_files_are_refused():
    assert "只接受" in refusal(b"%PDF-1.7", "表.pdf")
    assert "损坏" in refusal(b"\x89PNG\r\n", "表.xlsx")
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        archive.writestr("word/document.xml", "<x/>")
    assert "不是 Excel" in refusal(out.getvalue())


def test_a_file_above_the_size_limit_is_refused_unread():
    assert "最多1MB" in refusal(b"a" * ((1 << 20) + 1), "表.csv", Limits(max_bytes=1 << 20))
