"""Lists of units and users, as the import of the same name reads them."""

from __future__ import annotations

from collections.abc import Iterator

from import_export.fields import Field
from import_export.resources import ModelResource

from accounts.authority import visible_units, visible_users
from accounts.models import Posting, Unit, User
from lib.month import Month
from lib.staging import Export, register_export


class UnitResource(ModelResource):
    code = Field("code", "单位编码")
    name = Field("name", "单位名称")
    level = Field("get_level_display", "级别")
    parent = Field("parent__code", "上级编码")
    gb_code = Field("gb_code", "国标代码")
    closed_on = Field("closed_on", "撤销日期")

    class Meta:
        model = Unit
        fields = ("code", "name", "level", "parent", "gb_code", "closed_on")


class PostingResource(ModelResource):
    """One row per posting in force, so that a user with two offices has two."""

    username = Field("user__username", "用户名")
    name = Field("user__name", "姓名")
    role = Field("get_role_display", "角色")
    unit = Field("unit__code", "单位编码")
    unit_name = Field("unit__full_name", "单位名称")
    since = Field("since", "任职起")
    state = Field(column_name="状态")

    class Meta:
        model = Posting
        fields = ("username", "name", "role", "unit", "unit_name", "since", "state")

    def dehydrate_state(self, posting: Posting) -> str:
        return "在用" if posting.user.is_active else "停用"


def _rows(resource: ModelResource, queryset) -> Iterator[list]:
    for row in queryset.iterator(chunk_size=2000):
        yield resource.export_resource(row)


def _units(user: User, unit: Unit):
    below = visible_units(user).filter(path__startswith=unit.path)
    return below.select_related("parent").in_order()


def _postings(user: User, unit: Unit):
    reach = visible_users(user).order_by().values("pk")
    below = Posting.objects.current().filter(unit__path__startswith=unit.path, user__in=reach)
    return below.select_related("user", "unit__parent__parent").order_by("unit__sort_path", "user__username")


def unit_rows(user: User, unit: Unit, month: Month | None) -> Iterator[list]:
    return _rows(UnitResource(), _units(user, unit))


def user_rows(user: User, unit: Unit, month: Month | None) -> Iterator[list]:
    return _rows(PostingResource(), _postings(user, unit))


register_export(
    Export(
        name="units",
        title="单位名单",
        right=("accounts", "r"),
        headings=tuple(UnitResource().get_export_headers()),
        rows=unit_rows,
        count=lambda user, unit, month: _units(user, unit).count(),
    )
)
register_export(
    Export(
        name="users",
        title="用户名单",
        right=("accounts", "r"),
        headings=tuple(PostingResource().get_export_headers()),
        rows=user_rows,
        count=lambda user, unit, month: _postings(user, unit).count(),
        personal=True,
    )
)
