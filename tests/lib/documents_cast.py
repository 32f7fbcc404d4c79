"""A bulletin of invented units that shows every part of an official document."""

import datetime

from lib.documents import Annex, Cell, Column, Document, Heading, Paragraph, Run, Table

FIGURES = (
    ("甲山县", "36547", "37409", "97.7"),
    ("乙水市", "6119", "5155", "118.7"),
    ("丙岭开发区", "6553", "6356", "103.1"),
    ("丁港园区", "2377", "2533", "93.8"),
)
CHECKED = Table(
    columns=(
        Column("县（市、区）", width=1.6),
        Column("乡镇", width=1.6),
        Column("人数（人）", group="电话接通情况"),
        Column("接通率（%）", group="电话接通情况"),
    ),
    rows=(
        (Cell("乙水市", rowspan=3), "灵岩镇", "68", "68.0"),
        ("茗坡乡", "65", "65.0"),
        (Cell("合计", style="hei"), Cell("133", slot="I11:YS"), "66.5"),
        (Cell("全市合计", colspan=2), "340", "56.7"),
    ),
    note="注：接通率以抽查人数为基数。",
)
TARGETS = Table(
    columns=(
        Column("县（市、区）"),
        Column("务工人数（人）"),
        Column("目标任务（人）"),
        Column("完成率（%）", align="right"),
    ),
    rows=FIGURES,
)


def bulletin(**changes) -> Document:
    """The document of these tests; `changes` replace its parts."""
    parts = {
        "masthead": "示例市务工就业工作专班文件",
        "number": "示就专〔2023〕18号",
        "title": ("关于2023年一季度全市脱贫人口", "稳岗就业工作情况的通报"),
        "addressees": "各县（市、区）务工就业工作专班",
        "body": (
            Paragraph((Run("现将有关情况通报如下。"),)),
            Heading(1, "一、基本情况"),
            Heading(
                2,
                "（一）调度情况。",
                (
                    Run("外出务工人数"),
                    Run("51596", slot="I01:city"),
                    Run("人，"),
                    Run("完成目标", "bold"),
                    Run("任务。"),
                ),
            ),
        ),
        "attachments_note": ("抽查情况汇总表", "目标任务完成情况表"),
        "signatory": "示例市务工就业工作专班",
        "date": datetime.date(2023, 4, 10),
        "footer_note": "此件公开发布",
        "annexes": (
            Annex("抽查情况汇总表", (CHECKED,), landscape=True),
            Annex("目标任务完成情况表", (TARGETS,)),
        ),
        "copies": "市委办公室，市政府办公室",
        "printer": "示例市务工就业工作专班办公室",
    }
    return Document(**(parts | changes))
