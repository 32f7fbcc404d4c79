"""The columns of ledger workbooks: printed labels of the 采集表, and the headings offices use for the same.

Keys are the names of the fields they fill, so a row of a sheet, the stored person and a line of an export are the
same kind of dictionary. Which table a key belongs to stands in PERSON, HOUSEHOLD, SPELL, INTENTION and RECORD.
"""

from __future__ import annotations

from ledgers import codes
from ledgers.imports import cells
from lib.sheets import to_text
from lib.staging import Column

PERSON = (
    "name", "phone", "registered_address", "ethnic", "relation", "person_state", "ability", "skill_level",
    "is_recent_leaver", "education", "student_state", "health", "political", "graduated_in", "home_address",
)  # fmt: skip
HOUSEHOLD = (
    "head_name", "poverty_kind", "monitor_kind", "monitored_on", "risk_removed_on", "is_relocated", "settlement",
)  # fmt: skip
SPELL = (
    "region_text", "overseas", "job_form", "job_form_note", "employer", "started", "ended", "monthly_wage", "industry",
    "channel", "has_contract", "has_insurance", "helped", "helped_in", "by_returnee_startup", "organised_by",
)  # fmt: skip
INTENTION = (
    "idle_type", "unemployed_on", "plans_out", "no_plan_reason", "wanted_region", "wanted_in", "wanted_job",
    "wanted_wage", "service_need", "is_returned", "return_reason", "left_region", "returned_on", "wants_training",
    "training_kind", "training_trade", "training_on", "services",
)  # fmt: skip
RECORD = ("verify_state", "months", "income", "ticked_months", "flexible_days")

STATES = {
    "正常贫困劳动力": codes.NORMAL,
    "正常脱贫劳动力": codes.NORMAL,
    "正常劳动力": codes.NORMAL,
} | {
    spelling: state
    for state in codes.PERSON_STATES[1:]
    for parent, child in [state.split("/")]
    for spelling in (
        child,
        f"{parent}({child})",
        f"{parent}{child}",
        f"{parent}-{child}",
        f"{parent}:{child}",
    )
}
EDUCATIONS = {
    "文盲": "文盲或半文盲", "半文盲": "文盲或半文盲", "中专": "高中", "高中(中专)": "高中", "专科": "大专",
    "本科": "本科及以上", "大学": "本科及以上", "硕士": "本科及以上", "研究生": "本科及以上", "博士": "本科及以上",
}  # fmt: skip
ABILITIES = {
    "半劳动力": "弱劳动力或半劳动力", "弱劳动力": "弱劳动力或半劳动力", "弱半劳动力": "弱劳动力或半劳动力",
    "弱劳力或半劳力": "弱劳动力或半劳动力", "普通劳力": "普通劳动力",
}  # fmt: skip
RELATIONS = {
    "本人": "户主", "本人或户主": "户主", "妻": "配偶", "夫": "配偶", "妻子": "配偶", "丈夫": "配偶", "儿子": "之子",
    "长子": "之子", "次子": "之子", "女儿": "之女", "长女": "之女", "次女": "之女", "父亲": "之父", "母亲": "之母",
    "儿媳": "之儿媳", "女婿": "之女婿",
}  # fmt: skip
FORMS = codes.JOB_FORM_TERMS | {
    "扶贫车间": "帮扶车间", "扶贫基地": "帮扶基地", "公岗": "公益性岗位", "创业": "自主创业", "其他": "其他就业形式",
    "其他形式就业": "其他就业形式", "单位录用聘用人员": "单位就业", "其他形式务工就业人员": "其他就业形式",
    "企业就业": "单位就业", "务工": "单位就业", "公益岗位(公益性岗位)": "公益性岗位",
    "其他形式就业(其他就业形式)": "其他就业形式",
}  # fmt: skip
INDUSTRIES = {f"{sector}:{name}": name for name, (sector, _) in codes.INDUSTRIES.items()} | {
    f"{sector}/{name}": name for name, (sector, _) in codes.INDUSTRIES.items()
}
REASONS = {"转业规模种养": "专业规模种养"}  # as misprinted on the form of 2020
MONITORED = {"脱贫不稳定": "脱贫不稳定户", "边缘易致贫": "边缘易致贫户", "突发严重困难": "突发严重困难户"}
HOUSEHOLDS = {
    "脱贫享受政策户": "脱贫户", "脱贫不享受政策户": "脱贫户", "建档立卡脱贫户": "脱贫户",
    "脱贫户(继续享受政策)": "脱贫户", "非贫困户": "一般农户", "一般户": "一般农户", "监测户": "一般农户",
}  # fmt: skip

short, long = cells.short_text(60), cells.short_text(100)

CODE = Column(
    "unit_code", "单位编码", to_text, ("村编码", "行政村编码"), help="填了单位编码，县、乡、村可以不填。"
)
COUNTY = Column("county", "县（市、区）", to_text, ("县", "县区", "县(区)", "区县", "所属县"))
TOWN = Column("town", "乡镇", to_text, ("乡", "乡(镇)", "镇", "街道", "乡镇(街道)", "所属乡镇"))
VILLAGE = Column(
    "village", "行政村", to_text, ("村", "村名", "村(社区)", "所在村", "所属村", "行政村(社区)", "户口所在村")
)
NUMBER = Column("number", "户编号", cells.short_text(40), ("户编码", "户号"), fill_down=True)
HEAD = Column(
    "head_name", "户主姓名", cells.person_name, ("户主",), fill_down=True, help="同一户的人写同一个户主姓名。"
)
NAME = Column("name", "姓名", cells.person_name, ("劳动力姓名", "人员姓名"), required=True, example="示例")
ID = Column(
    "id_no", "身份证号码", cells.id_number, ("身份证号", "公民身份号码", "证件号码", "身份证件号码"), required=True,
    secret=True, help="18位，整列设为文本。", example="990101199001010019",
)  # fmt: skip
SEX = Column("sex", "性别", to_text)
PHONE = Column(
    "phone",
    "联系电话",
    cells.phone,
    ("电话", "手机号码", "手机号", "联系方式", "家庭成员联系电话"),
    secret=True,
)

HOUSEHOLD_COLUMNS = (
    Column("poverty_kind", "户类型", cells.one_of(codes.POVERTY_KINDS, HOUSEHOLDS), ("户属性",), fill_down=True,
           choices=codes.POVERTY_KINDS),
    Column("monitor_kind", "监测对象类别", cells.one_of(codes.MONITOR_KINDS, MONITORED), fill_down=True,
           choices=codes.MONITOR_KINDS),
    Column("monitored_on", "识别监测时间", cells.day, fill_down=True),
    Column("risk_removed_on", "消除监测时间", cells.day, ("风险消除时间",), fill_down=True),
    Column("is_relocated", "易地搬迁户", cells.flag, ("是否易地搬迁户", "易地扶贫搬迁户"), fill_down=True,
           choices=("是", "否")),
    Column("settlement", "安置点", short, fill_down=True),
)  # fmt: skip

YES_NO = ("是", "否")


def yes_no(key: str, title: str, *synonyms: str, help: str = "") -> Column:
    return Column(key, title, cells.flag, synonyms, choices=YES_NO, help=help)


RELATION = Column("relation", "与户主关系", cells.one_of(codes.RELATIONS, RELATIONS), ("与户主的关系",),
                  choices=tuple(codes.RELATIONS))  # fmt: skip
SHORT_ETHNICS = {name.removesuffix("族"): name for name in codes.ETHNICS}
ETHNIC = Column("ethnic", "民族", cells.one_of(codes.ETHNICS, SHORT_ETHNICS))
EDUCATION = Column("education", "文化程度", cells.one_of(codes.EDUCATIONS, EDUCATIONS), ("学历",),
                   choices=codes.EDUCATIONS)  # fmt: skip
STUDENT = Column("student_state", "在校生状况", cells.one_of(codes.STUDENT_STATES, {"非在校生": ""}))
HEALTHS = {"良好": "健康", "慢性病": "长期慢性病", "大病": "患有大病"}
HEALTH = Column("health", "健康状况", cells.some_of(codes.HEALTHS, HEALTHS))
POLITICAL = Column(
    "political", "政治面貌", cells.one_of(codes.POLITICS, {"党员": "中共党员", "团员": "共青团员"})
)
ABILITY = Column("ability", "劳动能力", cells.one_of(codes.ABILITIES, ABILITIES), ("劳动技能",),
                 choices=codes.ABILITIES)  # fmt: skip

BLOCK_A = (
    RELATION,
    Column("registered_address", "户籍地", cells.short_text(200), ("户口所在地", "户籍地址", "户籍所在地")),
    PHONE,
    ETHNIC,
    Column("verify_state", "核实情况", cells.one_of(codes.VERIFY_STATES), choices=codes.VERIFY_STATES),
    Column("person_state", "当前状态", cells.one_of(codes.PERSON_STATES, STATES), choices=codes.PERSON_STATES),
    yes_no("working", "是否务工", "是否已务工", "是否外出务工", "是否就业"),
    ABILITY,
    Column("skill_level", "技能等级", cells.one_of(codes.SKILL_LEVELS), choices=codes.SKILL_LEVELS),
    yes_no("is_recent_leaver", "是否为两后生", "是否两后生", "两后生"),
    EDUCATION,
    Column("graduated_in", "毕业时间", cells.month),
    STUDENT,
    HEALTH,
    POLITICAL,
    Column("home_address", "家庭地址", cells.short_text(200), ("家庭住址", "现住址")),
    Column("months", "年度累计务工时间", cells.months_worked, ("累计务工时间", "务工时间(月)"),
           help="上年10月至本年9月，单位个月，可填一位小数。", example="3.5"),
    Column("income", "年度务工收入", cells.income, ("务工收入", "年务工收入"),
           help="与年度累计务工时间同一时段，单位元。"),
    Column("ticked_months", "具体务工时间", cells.ticked, help="逐月写明，如2022年10月、2022年11月。"),
    Column("flexible_days", "其中：灵活就业天数", cells.days, ("灵活就业天数",)),
)  # fmt: skip
REGION = Column(
    "region_text", "务工地点", long,
    ("务工地址", "务工所在地", "务工所在县", "务工地", "就业地", "就业地点", "工作地点", "务工地点(省市县乡)"),
    help="写到县（市、区），如广东省深圳市南山区；本乡镇内的写“本乡镇”。", example="广东省深圳市南山区",
)  # fmt: skip
REGION_PARTS = (
    Column("region_1", "务工地点省", to_text, ("务工地点/省", "所在省", "务工省")),
    Column("region_2", "务工地点市（州）", to_text, ("务工地点/市(州)", "务工地点/市", "所在市", "务工市")),
    Column("region_3", "务工地点县（市、区）", to_text,
           ("务工地点/县(市区)", "务工地点/县(市、区)", "务工地点/县", "所在县", "务工县")),
    Column("region_4", "务工地点镇（乡）", to_text, ("务工地点/镇(乡)", "务工地点/乡", "所在乡", "务工乡")),
)  # fmt: skip
FORM = Column(
    "job_form", "就业形式", cells.one_of(codes.JOB_FORMS, FORMS), ("务工形式",), choices=codes.JOB_FORMS
)
EMPLOYER = Column("employer", "就业单位名称", long,
                  ("务工企业名称", "务工单位", "务工单位名称", "就业单位", "工作单位", "单位"))  # fmt: skip
STARTED = Column("started", "就业时间", cells.month,
                 ("务工开始时间", "务工开始", "开始时间", "外出时间", "外出务工时间"),
                 help="到现单位就业的年月。", example="2022年10月")  # fmt: skip
ENDED = Column(
    "ended", "务工结束时间", cells.end_month, ("务工结束", "结束时间"), help="仍在务工的留空，或写“至今”。"
)
WAGE = Column(
    "monthly_wage", "月平均工资", cells.wage, ("月工资", "月收入", "月均工资", "务工月收入", "月均收入")
)
INDUSTRY = Column("industry", "所属产业行业", cells.one_of(tuple(codes.INDUSTRIES), INDUSTRIES),
                  ("产业行业",), choices=tuple(codes.INDUSTRIES))  # fmt: skip
CHANNEL = Column("channel", "就业渠道", cells.short_text(30), ("务工就业渠道",))
BLOCK_B = (
    REGION,
    *REGION_PARTS,
    yes_no("overseas", "是否国外务工", "是否境外务工"),
    FORM,
    Column("job_form_note", "其他就业形式", short, ("其他就业形式请注明",)),
    EMPLOYER,
    STARTED,
    ENDED,
    WAGE,
    INDUSTRY,
    CHANNEL,
    yes_no("has_contract", "是否签订劳动合同", "是否签订劳动合同或协议", "劳动合同"),
    yes_no("has_insurance", "是否缴纳社会保险", "是否参加社会保险", help="指城镇职工养老和医疗保险。"),
    yes_no("helped", "经帮扶实现就业", "是否经帮扶实现就业"),
    Column("helped_in", "帮扶时间", cells.month),
    yes_no("by_returnee_startup", "是否返乡创业带动"),
    Column("organised_by", "有组织劳务输出", cells.one_of(codes.ORGANISED, {"免费专场招聘": codes.ORGANISED[1]}),
           choices=codes.ORGANISED),
)  # fmt: skip
PLANS = yes_no("plans_out", "是否有外出计划", "是否计划务工", "是否有就业愿望")
WANTED_REGION = Column("wanted_region", "外出务工意向地", short, ("就业意向地", "计划务工所在县"))
WANTED_MONTH = Column("wanted_in", "计划外出时间", cells.plan_month, ("计划务工时间",))
NEED = Column("service_need", "就业服务需求", long)
BLOCK_C = (
    Column("idle_type", "未外出务工类型", cells.one_of(codes.IDLE_TYPES, {"从未外出就业过": codes.IDLE_TYPES[0]}),
           choices=codes.IDLE_TYPES),
    Column("unemployed_on", "就业转失业日期", cells.day),
    PLANS,
    Column("no_plan_reason", "无外出意愿原因", cells.one_of(codes.NO_PLAN_REASONS, REASONS),
           choices=codes.NO_PLAN_REASONS),
    WANTED_REGION,
    WANTED_MONTH,
    Column("wanted_job", "意向岗位（工种）", short, ("意向岗位", "意向工种")),
    Column("wanted_wage", "期望月薪", cells.wanted_wage, ("期望月薪(元)",)),
    NEED,
)  # fmt: skip
BLOCK_D = (
    yes_no("is_returned", "是否返乡回流"),
    Column("return_reason", "返乡回流原因", cells.one_of(codes.RETURN_REASONS), choices=codes.RETURN_REASONS),
    Column("left_region", "返乡前务工地点", long),
    Column("returned_on", "返乡日期", cells.day, ("返乡时间",)),
)
BLOCK_E = (
    yes_no("wants_training", "有无培训意愿", "是否有培训意愿", "培训意愿"),
    Column("training_kind", "意愿培训类别",
           cells.one_of(codes.TRAINING_KINDS, {"技能": "技能培训", "创业": "创业培训"}), choices=codes.TRAINING_KINDS),
    Column("training_trade", "意愿培训工种", short),
    Column("training_on", "意愿培训日期", cells.plan_day),
)  # fmt: skip
BLOCK_F = (Column("services", "本年度享受就业服务项目", cells.services, ("享受就业服务情况",)),)

WHERE = (CODE, COUNTY, TOWN, VILLAGE)
LABORERS = (*WHERE, NUMBER, HEAD, NAME, ID, SEX, *HOUSEHOLD_COLUMNS, *BLOCK_A, *BLOCK_B, *BLOCK_C, *BLOCK_D, *BLOCK_E,
            *BLOCK_F)  # fmt: skip
