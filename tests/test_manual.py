"""The manual names what the product has: workbooks and their columns, figures, menu, buttons, pictures."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from config.menu import ENTRIES
from ledgers.models.collection import HOW
from lib.staging import KINDS, VERDICTS
from reports.figures import FIGURES

ROOT = Path(__file__).resolve().parent.parent
MANUAL = ROOT / "docs" / "手册"
PAGES = {page.name: page.read_text(encoding="utf-8") for page in sorted(MANUAL.glob("*.md"))}
WORKBOOKS = PAGES["03-导入工作簿.md"]
SOURCES = (
    "accounts",
    "config",
    "jobs",
    "ledgers",
    "lib",
    "posts",
    "reports",
    "sampling",
    "static/js",
    "subsidies",
    "templates",
)
PICTURE_BYTES = 120_000


@pytest.fixture(scope="module")
def screens() -> str:
    """Everything a screen can say, as the sources hold it."""
    files = [
        file
        for room in SOURCES
        for kind in ("*.py", "*.html", "*.js")
        for file in sorted((ROOT / room).rglob(kind))
    ]
    told = [f"{how}核实" for how in HOW]  # put together by the page
    return "\n".join([*(file.read_text(encoding="utf-8") for file in files), *told])


def section(title: str) -> str:
    """What the manual says of one kind of workbook."""
    found = re.search(rf"^### {re.escape(title)}\n(.*?)(?=^### |\Z)", WORKBOOKS, re.S | re.M)
    assert found, f"{title} has no section"
    return found[1]


@pytest.mark.parametrize("name", sorted(KINDS))
def test_every_kind_of_workbook_has_a_table_of_its_columns(name):
    kind = KINDS[name]
    rows = dict(re.findall(r"^\| (.+?) \|(.*)$", section(kind.title), re.M))
    for column in kind.columns:
        assert column.title in rows, column.title
        assert ("是" == rows[column.title].split("|")[0].strip()) == column.required, column.title
        for synonym in column.synonyms:
            assert synonym in rows[column.title], f"{column.title}: {synonym}"


def test_the_tables_name_no_column_that_is_gone():
    for kind in KINDS.values():
        titles = re.findall(r"^\| (.+?) \|", section(kind.title), re.M)
        assert set(titles) <= {column.title for column in kind.columns} | {"列名"}, kind.title


@pytest.mark.parametrize("label", VERDICTS.values())
def test_every_verdict_is_explained(label):
    assert re.search(rf"^\| {label} \|", WORKBOOKS, re.M)


@pytest.mark.parametrize("key", sorted(FIGURES))
def test_every_figure_is_defined_under_its_name(key):
    assert f"| {key} | {FIGURES[key].name} | {FIGURES[key].measure} |" in PAGES["05-看板与指标.md"]


@pytest.mark.parametrize("label", [entry[0] for entry in ENTRIES])
def test_every_menu_entry_is_on_the_first_page(label):
    assert label in PAGES["00-目录.md"]


def test_the_contents_list_every_page():
    for name in PAGES:
        assert name == "00-目录.md" or f"({name})" in PAGES["00-目录.md"], name


@pytest.mark.parametrize("name", PAGES)
def test_every_link_and_picture_exists_and_is_small(name):
    for target in re.findall(r"\]\(([^)]+)\)", PAGES[name]):
        file = (MANUAL / target).resolve()
        assert file.is_file(), target
        assert file.suffix != ".png" or file.stat().st_size < PICTURE_BYTES, target


def test_no_picture_lies_about_unused():
    linked = set(re.findall(r"images/手册/([^)]+)\)", "".join(PAGES.values())))
    assert {file.name for file in (ROOT / "docs" / "images" / "手册").iterdir()} == linked


@pytest.mark.parametrize("name", PAGES)
def test_words_in_quotation_marks_are_words_of_the_screens(name, screens):
    """Buttons, labels and messages are quoted exactly; a changed button changes the manual."""
    for quoted in re.findall(r"“([^“”]+)”", PAGES[name]):
        assert quoted in screens, quoted
