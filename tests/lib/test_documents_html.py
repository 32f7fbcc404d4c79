"""The preview of an official document: semantic, linked figures, no inline style, literal text."""

import re
from html import unescape
from html.parser import HTMLParser

import pytest

from lib.documents import Annex, Column, Paragraph, Run, Table, html, plain_text
from tests.lib.documents_cast import bulletin


class Checker(HTMLParser):
    """Collects attributes and refuses a tag that closes another one."""

    def __init__(self):
        super().__init__()
        self.open, self.attributes, self.tags = [], set(), []

    def handle_starttag(self, tag, attrs):
        self.tags.append(tag)
        self.attributes |= {name for name, _ in attrs}
        if tag not in {"br"}:
            self.open.append(tag)

    def handle_endtag(self, tag):
        assert self.open.pop() == tag


def checked(text: str) -> Checker:
    checker = Checker()
    checker.feed(text)
    assert checker.open == []
    return checker


def test_the_fragment_is_well_formed_and_has_no_inline_style_or_script():
    seen = checked(html.render(bulletin(draft=True)))
    assert "style" not in seen.attributes
    assert not [name for name in seen.attributes if name.startswith("on")]
    assert not {"script", "style"} & set(seen.tags)


def test_every_printed_line_is_in_the_preview():
    document = bulletin()
    text = unescape(re.sub(r"<[^>]+>", "", html.render(document)))
    assert [line for line in plain_text(document) if line not in text] == []


def test_a_figure_links_to_its_rows_where_the_caller_knows_them():
    page = html.render(bulletin(), link={"I01:city": "/rows?figure=I01&unit=city"}.get)
    assert '<a class="slot" href="/rows?figure=I01&amp;unit=city" data-slot="I01:city">51596</a>' in page
    assert '<span class="slot" data-slot="I11:YS">133</span>' in page


def test_headings_that_stand_alone_are_headings_and_run_in_ones_start_their_paragraph():
    page = html.render(bulletin())
    assert '<h2 class="doc-heading doc-hei">一、基本情况</h2>' in page
    assert '<p class="doc-text"><span class="doc-kai">（一）调度情况。</span>外出务工人数' in page


def test_a_table_has_header_cells_with_their_spans():
    page = html.render(bulletin())
    assert '<th scope="colgroup" colspan="2"><span class="doc-hei">电话接通情况</span></th>' in page
    assert '<td rowspan="3" class="doc-center">乙水市</td>' in page


def test_a_table_of_1400_rows_keeps_them_all():
    table = Table((Column("村"),), tuple((str(100000 + i),) for i in range(1400)))
    page = html.render(bulletin(annexes=(Annex("表", (table,)),)))
    assert re.findall(r">(10\d{4})<", page) == [str(100000 + i) for i in range(1400)]


@pytest.mark.parametrize(
    "text", ["<script>alert(1)</script>", '"><img src=x onerror=1>', "{{ 7 }}", "#panic", "$x$\\"]
)
def test_markup_in_a_text_is_printed_literally(text):
    table = Table((Column(text),), ((text,),))
    page = html.render(
        bulletin(masthead=text, title=(text,), body=(Paragraph((Run(text, slot=text),)), table))
    )
    seen = checked(page)
    assert not {"script", "img"} & set(seen.tags)
    assert unescape(re.sub(r"<[^>]+>", "", page)).count(text) == 5
