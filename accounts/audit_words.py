"""How acts are called on the audit page. An act without a word here is shown by its code."""

from accounts.roles import Role
from lib.staging import KINDS

GROUPS = {
    "login": "登录与密码",
    "user": "用户与任职",
    "unit": "单位",
    "reveal": "查看完整号码",
    "import": "导入",
    "export": "导出与打印",
    "month": "月份",
    "laborer": "人员台账",
    "form": "采集表",
    "service": "就业服务",
    "sampling": "抽查",
    "target": "目标与基期",
    "bulletin": "通报",
    "message": "政策宣传",
    "scheme": "补贴政策",
    "subsidy": "补贴",
    "post": "公益性岗位",
    "workshop": "帮扶车间",
}

# Acts that belong to a group under another first word.
ALSO = {
    "login": ("login", "logout", "second_factor", "user.password_change"),
    "user": ("user", "posting"),
    "export": ("export", "file", "print", "handover"),
    "laborer": ("laborer", "record", "spell", "work"),
    "service": ("service", "household"),
    "sampling": ("sampling", "campaign", "call"),
    "target": ("target", "baseline"),
    "post": ("post", "attendance", "pay"),
    "workshop": ("workshop", "placement", "award"),
}

WORDS = {
    "login": "登录",
    "login.failed": "登录失败",
    "login.locked": "连续输错，锁定登录",
    "logout": "退出",
    "second_factor.bind": "启用动态码",
    "second_factor.verified": "动态码通过",
    "second_factor.failed": "动态码不对",
    "second_factor.reset": "解除动态码",
    "user.password_change": "修改自己的密码",
    "user.password_reset": "重置密码",
    "user.open": "新建用户",
    "user.disable": "停用用户",
    "user.enable": "恢复用户",
    "user.rename": "更正姓名",
    "user.remove": "撤回新建的用户",
    "posting.begin": "任职",
    "posting.end": "结束任职",
    "unit.add": "新增单位",
    "unit.remove": "撤回新增的单位",
    "unit.rename": "单位更名",
    "unit.move": "划转单位",
    "unit.gb_code": "更正国标代码",
    "unit.close": "撤销单位",
    "reveal": "查看完整号码",
    "reveal.limit": "查看次数到上限",
    "import.confirm": "确认导入",
    "import.undo": "撤回导入",
    "import.accepted": "采纳待核行",
    "import.dismissed": "不采纳待核行",
    "export": "导出",
    "export.limit": "导出次数到上限",
    "print": "打印采集表",
    "handover.make": "生成异动交接单",
    "handover.receipt": "登记异动回执",
    "month.open": "开始月份",
    "month.close": "关闭月份",
    "month.reopen": "重开月份",
    "month.deadline": "设定填报截止",
    "month.exempt": "批准例外补录",
    "month.exempt_end": "提前结束例外",
    "laborer.account": "登记收款账户",
    "record.verify": "核实",
    "record.undo": "撤销核实",
    "form.begin": "登记新人采集表",
    "form.sign": "采集表签字",
    "form.submit": "提交采集表",
    "form.withdraw": "作废采集表",
    "form.send_back": "退回采集表",
    "form.review": "镇审采集表",
    "form.confirm": "确认采集表入库",
    "service.give": "登记就业服务",
    "service.undo": "撤销就业服务",
    "household.recognise": "认定零就业户",
    "household.clear": "消除零就业户",
    "campaign.open": "新建抽查",
    "call.record": "登记抽查通话",
    "target.set": "设置目标任务",
    "baseline.set": "设置基期数",
    "bulletin.draft": "起草通报",
    "bulletin.edit": "修改通报正文",
    "bulletin.switch": "停用或启用通报句子",
    "bulletin.restore": "恢复通报句子",
    "bulletin.refresh": "刷新通报数据",
    "bulletin.submit": "送审通报",
    "bulletin.send_back": "退回通报",
    "bulletin.publish": "签发通报",
    "bulletin.keep": "保存印发文件",
    "bulletin.ask_reopen": "申请重开通报",
    "bulletin.reopen": "同意重开通报",
    "subsidy.screen": "筛查补贴",
    "subsidy.apply": "申请补贴",
    "subsidy.apply_again": "补正后重新申请补贴",
    "subsidy.paper": "上传申请材料",
    "subsidy.withdraw": "撤回补贴申请",
    "subsidy.check": "村核实补贴申请",
    "subsidy.notice": "公示补贴申请",
    "subsidy.notice_photo": "上传公示照片",
    "subsidy.notice_end": "结束补贴公示",
    "subsidy.compare": "镇比对补贴申请",
    "subsidy.approve": "县审核补贴申请",
    "subsidy.return": "退回补贴申请",
    "subsidy.reject": "不予通过补贴申请",
    "subsidy.waive": "登记自愿放弃补贴",
    "subsidy.unwaive": "撤销自愿放弃补贴",
    "message.write": "编写宣传模板",
    "message.switch": "停用或启用宣传模板",
    "message.prepare": "建立宣传批次",
    "message.send": "确认发送宣传短信",
    "message.stop": "停止宣传批次",
    "message.forward": "登记微信转发",
    "post.propose": "申请设岗",
    "post.check": "核查岗位申请",
    "post.open": "核定开发岗位",
    "post.refuse": "不同意设岗",
    "post.close": "撤销岗位",
    "post.ceiling": "设定岗位上限",
    "post.policy": "设定岗位规定",
    "post.announce": "发布招聘公告",
    "post.apply": "登记应聘",
    "post.meet": "登记村民代表会议",
    "post.notice": "登记聘用公示",
    "post.recommend": "推荐应聘人",
    "post.appoint": "聘用备案",
    "post.withdraw": "终止应聘",
    "post.contract": "登记岗位合同",
    "post.insure": "登记意外险",
    "post.exit_notify": "告知退岗",
    "post.exit_decide": "决定退岗",
    "post.exit_file": "退岗备案",
    "subsidy.reason": "登记未申领原因",
    "scheme.write": "编写补贴政策",
    "scheme.try": "试算补贴政策",
    "scheme.approve": "批准补贴政策",
    "scheme.void": "作废补贴政策草稿",
    "post.assess": "登记岗位考核",
    "attendance.fill": "填写考勤",
    "attendance.strike": "撤销考勤",
    "attendance.paper": "上传签到表",
    "attendance.sign": "报送考勤表",
    "attendance.check": "核对考勤表",
    "attendance.return": "退回考勤表",
    "pay.draft": "编制岗位工资表",
    "pay.approve": "审批岗位工资表",
    "pay.pay": "登记发放岗位工资",
    "pay.bounce": "登记工资退票",
    "pay.again": "重发岗位工资",
    "pay.void": "作废一人工资",
    "pay.void_run": "作废岗位工资表",
    "workshop.propose": "申报车间",
    "workshop.amend": "更正车间信息",
    "workshop.withdraw": "撤回车间申报",
    "workshop.recognise": "认定车间",
    "workshop.refuse": "不予认定车间",
    "workshop.review": "复核车间",
    "workshop.revoke": "撤销车间认定",
    "workshop.suspend": "暂停车间",
    "workshop.resume": "恢复车间",
    "workshop.close": "登记车间停办",
    "workshop.standard": "设定车间标准",
    "placement.begin": "登记车间就业",
    "placement.amend": "更正车间就业",
    "placement.end": "登记车间离职",
    "placement.undo": "撤销车间就业登记",
    "award.make": "申报车间奖补",
    "award.approve": "批准车间奖补",
    "award.refuse": "不予批准车间奖补",
    "training.plan": "编制培训计划",
    "training.approve": "审批培训计划",
    "training.make": "建立培训班",
    "training.change": "修改培训班",
    "training.open": "开班",
    "training.finish": "办理结业",
    "training.reopen": "退回培训考勤",
    "training.certified": "发证结束",
    "training.cancel": "取消培训班",
    "training.propose": "报名待确认",
    "training.enrol": "报名",
    "training.confirm": "确认报名",
    "training.leave": "退班或退回报名",
    "training.mark": "登记培训考勤",
    "training.count": "登记培训出勤天数",
    "training.certify": "登记培训证书",
    "training.uncertify": "撤销培训证书",
    "training.allowance": "测算培训生活费补贴",
    "training.allow": "审批培训生活费补贴",
    "training.pay": "登记培训生活费补贴发放",
    "demo.load": "载入演示数据",
    "data.restore": "从备份恢复",
    "keys.rotate": "更换密钥",
}

# What an entry tells, in the order in which the page tells it.
KEYS = {
    "number": "批次号",
    "username": "用户名",
    "role": "角色",
    "old": "原值",
    "new": "新值",
    "changed": "变更",
    "same": "相同",
    "review": "待核",
    "rejected": "退回",
    "code": "编码",
    "name": "名称",
    "parent": "上级",
    "day": "日期",
    "month": "月份",
    "rule": "规定",
    "until": "截至日期",
    "reason": "原因",
    "field": "内容",
    "limit": "上限",
    "kind": "种类",
    "scheme": "补贴项目",
    "period": "所属期",
    "voucher": "凭证号",
    "amount": "金额（元）",
    "different": "与台账不一致",
    "title": "名称",
    "rows": "行数",
    "file": "文件校验码",
    "hash": "内容校验码",
    "lost": "恢复为新文字的句子",
    "left": "没有撤回的行",
    "batch": "批次号",
    "person": "人员编号",
    "people": "人数",
    "parts": "短信条数",
    "days": "天数",
    "rate": "标准",
    "trained": "结业",
    "households": "户数",
    "notice_days": "公示天数",
    "new_under": "新聘年龄上限",
    "stay_under": "在岗年龄上限",
    "one_per_household": "每户只聘一人",
    "no_cadre_family": "村干部近亲属不得聘用",
    "posts": "岗位数",
    "workshops": "车间数",
    "into": "并入",
    "verified": "已核实",
    "counted": "计入",
    "how": "方式",
    "outcome": "结果",
    "version": "版本",
    "on": "启用",
    "sentence": "句子",
    "connected": "接通",
    "place_matches": "务工地一致",
    "time_matches": "务工时间一致",
    "knows_policy": "知晓政策",
    "employer_matches": "企业一致",
    "wage_matches": "工资额一致",
    "export": "名称",
    "personal": "含个人信息",
    "year": "年度",
    "scale": "规模",
    "seed": "编号",
}
UNTOLD = frozenset({"text"})  # sentences with their slots: read them in the bulletin

FIELDS = {"id_no": "身份证号码", "phone": "电话", "phone2": "备用电话"}


def word(action: str) -> str:
    return WORDS.get(action, action)


def prefixes(group: str) -> tuple[str, ...]:
    return ALSO.get(group, (group,))


_ORDER = {key: place for place, key in enumerate(KEYS)}


def told(detail: dict) -> str:
    """The details of an entry as one line of words; lists and nested values stay in the entry itself.

    In the order of KEYS: PostgreSQL keeps the keys of JSON in an order of its own.
    """
    return "，".join(
        f"{_label(key, value)}：{_value(key, value)}"
        for key, value in sorted(detail.items(), key=lambda pair: _ORDER.get(pair[0], len(_ORDER)))
        if key not in UNTOLD and isinstance(value, str | int) and value != ""
    )


def _label(key: str, value: str | int) -> str:
    """One key may tell two things: what confirming an import wrote is a count and a digest of the rows."""
    if key == "new" and isinstance(value, int):
        return "新增"
    if key == "rows" and isinstance(value, str):
        return "写入内容校验码"
    return KEYS.get(key, key)


def _value(key: str, value: str | int) -> str | int:
    if isinstance(value, bool):
        return "是" if value else "否"
    if key == "role":
        return dict(Role.choices).get(str(value), str(value))
    if key == "kind" and value in KINDS:
        return KINDS[str(value)].title
    if key == "field":
        return FIELDS.get(str(value), value)
    return f"{value[:12]}…" if isinstance(value, str) and len(value) == 64 else value
