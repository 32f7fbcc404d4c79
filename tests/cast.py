"""The cast: one user of each role in the tree of tests/factories.py, and one of a neighbouring unit."""

from __future__ import annotations

from dataclasses import dataclass

from accounts.models import Posting, Unit, User
from accounts.roles import Role
from tests import factories

PASSWORD = "Pingan-2023-ledger"


@dataclass
class Cast:
    """Users by part, and the tree they work in (by code)."""

    units: dict[str, Unit]
    village: User
    township: User
    county: User
    city: User
    city2: User
    sampler: User
    auditor: User
    admin: User
    neighbour_village: User
    neighbour_township: User
    neighbour_county: User
    nobody: User

    def everyone(self) -> dict[str, User]:
        return {name: user for name, user in vars(self).items() if isinstance(user, User)}


def user(username: str, unit: Unit | None = None, role: str = "", name: str = "") -> User:
    made = User.objects.create_user(
        username, PASSWORD, name=name or f"用户{username}", must_change_password=False
    )
    if unit:
        Posting.objects.create(user=made, unit=unit, role=role, since="2020-01-01")
    return made


def build() -> Cast:
    units = factories.tree()
    return Cast(
        units=units,
        village=user("cun", units["99111"], Role.VILLAGE, "村信息员"),
        township=user("zhen", units["9911"], Role.TOWNSHIP, "乡镇专干"),
        county=user("xian", units["991"], Role.COUNTY, "县专班"),
        city=user("shi", units["99"], Role.CITY, "市办一"),
        city2=user("shi2", units["99"], Role.CITY, "市办二"),
        sampler=user("chou", units["992"], Role.SAMPLER, "抽查员"),
        auditor=user("shen", units["99"], Role.AUDITOR, "审计员"),
        admin=user("guan", units["99"], Role.ADMIN, "管理员"),
        neighbour_village=user("cun2", units["99112"], Role.VILLAGE, "邻村信息员"),
        neighbour_township=user("zhen2", units["9912"], Role.TOWNSHIP, "邻镇专干"),
        neighbour_county=user("xian2", units["992"], Role.COUNTY, "邻县专班"),
        nobody=user("wu", name="未任职"),
    )
