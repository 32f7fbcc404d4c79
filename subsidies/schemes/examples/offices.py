"""Examples of what persons do not claim: awards of workshops (B06, B08, B14), and what other offices pay from lists
that this ledger does not have (B05, B06X, B07, B11F, B12, B16)."""

from __future__ import annotations

from posts.workshop_rules import ABSORBING, TIERED
from subsidies.rules import CALENDAR
from subsidies.schemes.examples.parts import JOBS, LOCAL, Example, papers

ROSTER = papers("花名册", "劳动合同或协议", "工资发放凭证")
AWARDED = "金额按“车间标准”测算，一人一类只计一次；审批后在“组批”里发到车间的对公账户。"
CLOSES = (11, 30)


def _award(
    key: str, code: str, title: str, source: str, award: str, told: str = "", fund: str = LOCAL
) -> Example:
    rule = {"window": CALENDAR, "places": [], "clauses": [], "tariff": {"kind": "workshops", "award": award}}
    return Example(key, code, title, source, rule, documents=ROSTER, fund=fund, told=told + AWARDED)


def _elsewhere(
    key: str, code: str, title: str, source: str, told: str, closes: tuple[int, int] | None = None
) -> Example:
    rule = {"window": CALENDAR, "places": [], "clauses": [], "tariff": {"kind": "elsewhere", "told": told}}
    why = "本系统没有办理它要用的资料，只登记政策、用于宣传，不筛查、不受理、不发放。"
    return Example(key, code, title, source, rule, documents=ROSTER, fund=JOBS, told=why, closes=closes)


OFFICES = (
    _elsewhere("b05", "B05", "创业担保贷款及贴息", "五寨县（山西），S3；云南，S5",
               "按实际贷款和利息，向人社部门和经办银行申请"),
    _award("b06", "B06", "帮扶车间吸纳脱贫劳动力，工作满3个月，每人一次", "五寨县（山西），S3；1000元，P16", ABSORBING,
           "文件没有写金额，附带的车间标准是每人1000元。"),
    _award("b06-older", "B06", "帮扶车间吸纳满6个月、工资6000元以上，每人1000元",
           "旧的办法，P31；5人起、5万元封顶（吉林），P46", ABSORBING, "请在车间标准里把月数改为6；工资由复核时核对。"),
    _elsewhere("b06-small", "B06X", "小微企业新吸纳，1年内稳定就业半年以上", "五寨县（山西），S3；P15、P16、P17",
               "满6个月、满12个月各1000元（P16）；2000元／人·年（金寨）；5000元／人（广东），向人社部门申请"),
    _elsewhere("b07", "B07", "小微企业社会保险补贴", "五寨县（山西），S3；广东，P15",
               "按实际缴费，另加每月200元，最长3年，向人社部门申请"),
    _elsewhere("b07-tax", "B07T", "招用脱贫人口扣减税费", "国家政策，执行到2027年12月31日，P14",
               "每人每年6000元（可上浮30%），3年，签1年以上合同并参保，由税务部门办理"),
    _award("b08", "B08", "帮扶车间按吸纳人数阶梯式奖补", "五寨县（山西），S3", TIERED,
           "文件没有写各档金额，附带的车间标准是假定的，请先按本地文件改。"),
    _elsewhere("b11-agency", "B11F", "就业创业服务补贴", "固镇县（安徽），S4",
               "按平台名单发给人力资源机构和劳务经纪人，向人社部门申请", CLOSES),
    _elsewhere("b12", "B12", "岗位补贴、社保补贴", "固镇县（安徽），S4",
               "按用人单位的岗位和缴费，向人社部门申请", CLOSES),
    _elsewhere("b12-kept", "B12S", "失业保险稳岗返还、以工代训", "固镇县（安徽），S4",
               "不裁员少裁员的用人单位，向人社部门申请", CLOSES),
    _award("b14", "B14", "帮扶车间、就业帮扶基地吸纳奖补", "海南，1000元、2000元提高到4000元／人，S5", ABSORBING,
           "请在车间标准里把吸纳每人改为4000元。"),
    _elsewhere("b16", "B16", "一次性扩岗补助", "五寨县（山西）附件2，S3", "文件只有名称，由人社部门按参保名单办理"),
)  # fmt: skip
