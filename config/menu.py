"""The main menu: one entry per area, shown to those whose role may read it."""

from django.http import HttpRequest
from django.urls import NoReverseMatch, reverse

from accounts.roles import Role

# (label, URL name, rights of which one shows it, URL prefix that marks it active, symbol of static/img/icons.svg)
ENTRIES = (
    ("首页", "home", None, "/home/", "home"),
    ("本月", "ledgers:mine", "person.w", "/ledgers/mine/", "task"),
    ("台账", "ledgers:list", "person.r", "/ledgers/", "ledger"),
    ("采集表", "ledgers:form_review", "form.a form.c", "/ledgers/forms/", "check"),
    ("时限", "ledgers:clocks", "service.r", "/ledgers/clocks/", "clock"),
    ("导入", "jobs:imports", "file.w", "/imports/", "upload"),
    ("公岗", "posts:list", "post.r", "/posts/", "task"),
    ("车间", "posts:workshops", "post.r", "/posts/workshops/", "people"),
    ("补贴", "subsidies:claims", "subsidy.r", "/subsidies/", "check"),
    ("培训", "subsidies:training", "training.r", "/subsidies/training/", "ledger"),
    ("看板", "reports:dashboard", "figures.r", "/dashboard/", "chart"),
    ("抽查", "sampling:list", "sampling.r", "/sampling/", "phone"),
    ("宣传", "publicity:list", "message.r", "/publicity/", "inbox"),
    ("通报", "reports:bulletins", "bulletin.r", "/bulletins/", "bulletin"),
    ("目标", "reports:targets", "target.w", "/targets/", "target"),
    ("用户", "accounts:users", "accounts.w accounts.p", "/accounts/", "people"),
    ("操作记录", "accounts:audit", "audit.v", "/accounts/", "shield"),
)


def menu(request: HttpRequest) -> dict[str, object]:
    """Template context: `menu` entries for the signed-in user and the name of the unit they serve."""
    user = getattr(request, "user", None)
    if user is None or not user.is_authenticated:
        return {"menu": []}
    # the longest prefix that fits: 本月 lies below 台账
    here = max((entry[3] for entry in ENTRIES if request.path.startswith(entry[3])), key=len, default="")
    entries = [
        {"label": label, "url": url, "active": prefix == here, "icon": icon}
        for label, name, right, prefix, icon in ENTRIES
        if (right is None or any(user.can(*one.split(".")) for one in right.split()))
        and not (name == "home" and user.roles == {Role.VILLAGE})  # whose home is 本月
        and (url := _address(name))
    ]
    return {"menu": entries, "home_unit": user.home_unit}


def _address(name: str) -> str:
    """The address of a menu entry; empty while its area is not built yet."""
    try:
        return reverse(name)
    except NoReverseMatch:
        return ""
