"""三、有关要求: fixed passages, chosen by which problems the figures showed."""

from __future__ import annotations

from collections.abc import Callable

# (id, heading, problems that call for it, passage)
PASSAGES: tuple[tuple[str, str, frozenset[str], str], ...] = (
    (
        "duty",
        "压实工作责任。",
        frozenset({"attitude"}),
        "指标偏低的地方要查明原因，把责任落实到乡镇、到村、到人，组织驻村工作队和村“两委”干部逐户逐人核实，"
        "核实一户、更新一户、销号一户。",
    ),
    (
        "pace",
        "加快工作进度。",
        frozenset({"scale", "posts", "workshops"}),
        "未完成目标任务的地方要倒排工期、逐月调度，通过劳务协作、就近就地吸纳等渠道扩大务工规模；公益性岗位要"
        "按需设岗、及时补缺，保持总量稳定；{workshop}要落实扶持政策，增强带动就业能力。",
    ),
    (
        "data",
        "提高信息质量。",
        frozenset({"connected", "place", "time"}),
        "要加密信息核查频次，联系电话、务工地、务工时间发生变化的及时更新，确保台账数据、系统数据和调度数据“三一致”。",
    ),
    (
        "policy",
        "加强政策宣传。",
        frozenset({"policy"}),
        "要把就业帮扶政策编成通俗易懂的短信、微信信息，点对点发送到务工人员，利用入户走访、节假日返乡等时机当面讲解，"
        "做到应知尽知、应享尽享。",
    ),
)
KEEP = (
    "keep",
    "巩固工作成效。",
    "要继续落实就业帮扶政策，抓好务工监测和跟踪服务，做到台账数据、系统数据和调度数据“三一致”，保持务工规模稳定。",
)
OPENING = "各地要对照通报内容，逐项抓好落实，稳存量、扩增量、提质量，确保年度就业帮扶目标任务全面完成。"
FOLLOW = (
    "follow",
    "抓好整改落实。",
    "要建立问题清单，明确整改措施、时限和责任人，整改情况及时报送{issuer_word}。",
)


def blocks(problems: set[str], words: dict[str, str], block: Callable) -> list[dict]:
    """Opening and passages, in their fixed order; with no problem found only the call to keep it so."""
    chosen = [(name, heading, text) for name, heading, fired, text in PASSAGES if fired & problems]
    chosen = [*chosen, FOLLOW] if chosen else [KEEP]
    fill = {"workshop": words["workshop"], "issuer_word": words["office"]}
    written = [block("requirements", "para", OPENING)]
    for name, heading, text in chosen:
        written += [
            block(f"h-{name}", "h2", heading),
            block(f"requirement-{name}", "more", text.format(**fill)),
        ]
    return written
