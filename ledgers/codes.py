"""Code lists of the 采集表 and of the national base table, exactly as printed (domain.md §1.1, §1.4, §1.5)."""

VERIFY_STATES = ("未核实", "已核实", "联系不上")

NORMAL = "正常"
PERSON_STATES = (
    NORMAL,
    "暂时退出/上学",
    "暂时退出/参军",
    "暂时退出/服刑",
    "暂时退出/暂时丧失劳动力",
    "永久退出/死亡",
    "永久退出/永久丧失劳动力",
)

ABILITIES = ("普通劳动力", "技能劳动力", "弱劳动力或半劳动力", "丧失劳动力", "无劳动力")
COLLECTED_ABILITIES = ABILITIES[:3]  # 填表说明1: the others are not collected
SKILL_LEVELS = ("无", "学徒工", "初级", "中级", "高级", "技师", "高级技师", "特级技师", "首席技师")

EDUCATIONS = ("文盲或半文盲", "小学", "初中", "高中", "大专", "本科及以上")
STUDENT_STATES = (
    "学龄前儿童",
    "学前教育",
    "小学",
    "七年级",
    "八年级",
    "九年级",
    "普通高中一年级",
    "普通高中二年级",
    "普通高中三年级",
    "中职一年级",
    "中职二年级",
    "中职三年级",
    "高职高专一年级",
    "高职高专二年级",
    "高职高专三年级",
    "技师学院一年级",
    "技师学院二年级",
    "技师学院三年级",
    "技师学院四年级",
    "本科一年级",
    "本科二年级",
    "本科三年级",
    "本科四年级",
    "本科五年级",
    "硕士研究生及以上",
)
HEALTHS = ("健康", "长期慢性病", "患有大病", "残疾")
POLITICS = ("中共党员", "中共预备党员", "共青团员", "群众")
RELATIONS = [
    "户主", "配偶", "之子", "之女", "之儿媳", "之女婿", "之孙子", "之孙女", "之外孙子", "之外孙女", "之父",
    "之母", "之岳父", "之岳母", "之公公", "之婆婆", "之祖父", "之祖母", "之外祖父", "之外祖母", "之兄弟姐妹",
    "之曾孙子", "之曾孙女", "之侄儿", "之侄女", "之兄弟媳妇", "之叔伯", "其他",
]  # fmt: skip

SELF_EMPLOYED = "自主创业"
FLEXIBLE = "灵活就业"
OTHER_FORM = "其他就业形式"
JOB_FORMS = (
    "单位就业",
    SELF_EMPLOYED,
    FLEXIBLE,
    "农业合作社等新型经营主体",
    "帮扶车间",
    "帮扶基地",
    "公益性岗位",
    OTHER_FORM,
)
# The form of 2020 prints the terms of its year; they mean the same.
JOB_FORM_TERMS = {
    "就业扶贫车间": "帮扶车间",
    "就业扶贫基地": "帮扶基地",
    "扶贫公益岗位": "公益性岗位",
    "公益岗位": "公益性岗位",
}

# 所属产业行业 of the form → (三次产业, 门类 of GB/T 4754-2017); 建筑/装修 is printed under 第三产业 but is E, 第二产业.
INDUSTRIES = {
    "种植": ("第一产业", "A"),
    "养殖": ("第一产业", "A"),
    "技工": ("第二产业", "C"),
    "普工": ("第二产业", "C"),
    "建筑/装修": ("第二产业", "E"),
    "家庭服务业": ("第三产业", "O"),
    "环卫/保卫/市政维护": ("第三产业", "N"),
    "行政/管理": ("第三产业", "S"),
    "服务员/接待员/收银/导购员": ("第三产业", "H"),
    "其他": ("第三产业", ""),
}
ORGANISED = ("专车、专列点对点输送", "免费专场招聘会")

IDLE_TYPES = ("从未外出就业过(包括新成长劳动力)", "就业转失业")
NO_PLAN_REASONS = ("专业规模种养", "务农", "照顾家人", "身体或精神状态不佳", "主观意愿不强", "其他")
RETURN_REASONS = ("因疫情", "因灾", "因农忙", "因病", "个人家庭等原因")
TRAINING_KINDS = ("技能培训", "创业培训")
SERVICES = ("职业指导", "职业介绍", "创业服务", "职业培训", "其他")
# Services as they are registered one by one: those of 1131 by their names there. 岗位推介 is 职业介绍 of block F.
OFFER, TRAINING, TRAINEESHIP = "岗位推介", "职业培训", "就业见习"
SERVICE_KINDS = (OFFER, "职业指导", "政策宣讲", TRAINING, TRAINEESHIP, "创业服务", "其他")
ON_FORM = {OFFER: "职业介绍", "政策宣讲": "其他", TRAINEESHIP: "其他"}
REFUSED, PLACED = "不愿意", "已上岗"
OUTCOMES = ("愿意", "考虑中", REFUSED, PLACED)
# Why a household leaves the list of 零就业户: somebody is employed, or one of these, with its evidence.
CLEARED = ("有人就业", "三次拒绝服务", "均无就业意愿", "均丧失劳动能力", "有其他收入来源")

POVERTY_KINDS = ("脱贫户", "一般农户")
MONITOR_KINDS = ("脱贫不稳定户", "边缘易致贫户", "突发严重困难户")

# 务工区域, five classes computed from the work place and the home village (domain.md §1.7)
IN_TOWNSHIP, IN_COUNTY, IN_CITY, IN_PROVINCE, OUTSIDE = "乡内", "乡外县内", "县外市内", "市外省内", "省外"
PLACE_CLASSES = (IN_TOWNSHIP, IN_COUNTY, IN_CITY, IN_PROVINCE, OUTSIDE)
WITHIN_COUNTY = (IN_TOWNSHIP, IN_COUNTY)

ETHNICS = [
    "汉族", "蒙古族", "回族", "藏族", "维吾尔族", "苗族", "彝族", "壮族", "布依族", "朝鲜族", "满族", "侗族",
    "瑶族", "白族", "土家族", "哈尼族", "哈萨克族", "傣族", "黎族", "傈僳族", "佤族", "畲族", "高山族",
    "拉祜族", "水族", "东乡族", "纳西族", "景颇族", "柯尔克孜族", "土族", "达斡尔族", "仫佬族", "羌族",
    "布朗族", "撒拉族", "毛南族", "仡佬族", "锡伯族", "阿昌族", "普米族", "塔吉克族", "怒族", "乌孜别克族",
    "俄罗斯族", "鄂温克族", "德昂族", "保安族", "裕固族", "京族", "塔塔尔族", "独龙族", "鄂伦春族", "赫哲族",
    "门巴族", "珞巴族", "基诺族",
]  # fmt: skip


def choices(values: tuple[str, ...] | list[str]) -> list[tuple[str, str]]:
    """Django choices whose stored value is the printed text itself."""
    return [(value, value) for value in values]
