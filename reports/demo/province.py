"""A province of 3.24 million invented laborers for benchmarks: one pool of families, multiplied inside PostgreSQL.

Citizen numbers and telephones repeat with the pool (only their blind indexes are unique), so that nothing has to be
encrypted three million times; everything else, the counting rule included, is as in the demo city.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from itertools import product

from django.core.management.color import no_style
from django.db import connection, transaction
from django.utils import timezone

from accounts.models import Custody, Level, Unit
from accounts.roles import Role
from ledgers.models import Household, Laborer, MonthlyRecord, WorkSpell
from lib import bulk
from lib.crypto import make_encryptor, make_indexer
from lib.month import Month
from reports import rollup
from reports.demo import fast, load
from reports.demo.story import Resident, invent

CITIES, COUNTIES, TOWNSHIPS, VILLAGES = 20, 8, 9, 11  # 15,840 villages
TOP, CITY, COUNTY, TOWNSHIP, VILLAGE = "99", "9901", "990101", "99010101", "9901010101"
MONTHS = [Month(2023, 2), Month(2023, 3)]
PAIRS = 4000  # families of two in the pool
USERS: load.Duties = {
    "village": ("demo_village", "村信息员", Role.VILLAGE, VILLAGE),
    "township": ("demo_township", "乡镇专干", Role.TOWNSHIP, TOWNSHIP),
    "county": ("demo_county", "县专班", Role.COUNTY, COUNTY),
    "county2": ("demo_county2", "县专班复核人", Role.COUNTY, COUNTY),
    "city": ("demo_city", "省办经办人", Role.CITY, TOP),
    "city2": ("demo_city2", "省办签发人", Role.CITY, TOP),
    "sampler": ("demo_sampler", "抽查员", Role.SAMPLER, TOP),
    "auditor": ("demo_auditor", "审计员", Role.AUDITOR, TOP),
    "admin": ("demo_admin", "系统管理员", Role.ADMIN, TOP),
}


def load_province(seed: int) -> dict:
    """Load the province and return what the command answers. PostgreSQL only; some minutes."""
    with fast.relaxed(), transaction.atomic():
        units = _units()
        users = load.make_users(units, USERS)
        _villages(units)
        _pool(seed)
        _multiply()
        for month in MONTHS:
            rollup.recompute(month)
        return load.finish("province", seed, units[TOP], VILLAGE, users, MONTHS)


def _tree() -> Iterator[tuple[str, str, str, str, int]]:
    """Code, name, level, code above and position of every unit, parents before children."""
    yield TOP, "示例省", Level.PROVINCE, "", 1
    for c in range(1, CITIES + 1):
        yield f"99{c:02d}", f"示例{c}市", Level.CITY, TOP, c
    for c, k in product(range(1, CITIES + 1), range(1, COUNTIES + 1)):
        yield f"99{c:02d}{k:02d}", f"示例{c}市{k}县", Level.COUNTY, f"99{c:02d}", k
    for c, k, t in product(range(1, CITIES + 1), range(1, COUNTIES + 1), range(1, TOWNSHIPS + 1)):
        yield f"99{c:02d}{k:02d}{t:02d}", f"示例{t}镇", Level.TOWNSHIP, f"99{c:02d}{k:02d}", t
    for c, k, t, v in product(*(range(1, n + 1) for n in (CITIES, COUNTIES, TOWNSHIPS, VILLAGES))):
        above = f"99{c:02d}{k:02d}{t:02d}"
        yield f"{above}{v:02d}", f"示例{v}村", Level.VILLAGE, above, v


def _units() -> load.Units:
    lines = list(_tree())
    units: load.Units = {}
    for pk, (code, name, level, above, position) in zip(
        bulk.reserve_ids(Unit, len(lines)), lines, strict=True
    ):
        parent = units.get(above)
        units[code] = Unit(
            id=pk,
            code=code,
            name=name,
            level=level,
            parent=parent,
            path=f"{parent.path if parent else ''}{code}/",
            sort_path=f"{parent.sort_path if parent else ''}{position:04d}",
            position=position,
        )
    columns = ("id", "code", "name", "level", "parent_id", "path", "sort_path", "position")
    bulk.insert_many(Unit, columns, ([getattr(unit, name) for name in columns] for unit in units.values()))
    bulk.insert_many(
        Custody,
        ("unit", "parent", "path", "valid_from"),
        ((unit.pk, unit.parent_id, unit.path, load.BEGINNING) for unit in units.values()),
    )
    return units


def _temporary(name: str, columns: dict[str, str], rows) -> None:
    with connection.cursor() as cursor:
        listed = ", ".join(f"{column} {kind}" for column, kind in columns.items())
        cursor.execute(f"CREATE TEMPORARY TABLE {name} ({listed}) ON COMMIT DROP")
        bulk.fill(name, list(columns), rows)
        cursor.execute(f"ANALYZE {name}")


def _villages(units: load.Units) -> None:
    """How many people live where: 204 or 206 in a village, 3,240,000 in all, two to a household."""
    villages = [unit for unit in units.values() if unit.level == Level.VILLAGE]
    rows, last = [], 0
    for place, village in enumerate(villages):
        first, last = last + 1, last + 204 + 2 * (place % 11 < 3)
        rows.append((village.pk, first, last))
    _temporary("demo_village", {"village": "bigint", "first": "bigint", "last": "bigint"}, rows)


POOL = {
    "slot": "integer", "poverty_kind": "text", "monitor_kind": "text", "monitored_on": "date",
    "risk_removed_on": "date",
    "is_relocated": "boolean", "is_poverty": "boolean", "is_monitored": "boolean", "name": "text", "initials": "text",
    "id_no": "text", "tail": "text", "sex": "text", "birth_date": "date", "relation": "text", "phone": "text",
    "person_state": "text", "ability": "text", "skill_level": "text", "education": "text", "health": "text",
    "political": "text", "place_class": "text", "region_code": "text", "job_form": "text", "industry": "text",
    "employer": "text", "wage": "integer",
}  # fmt: skip
SPELLS = {
    "slot": "integer", "started": "text", "started_on": "date", "ended": "text", "region_text": "text",
    "channel": "text",
}  # fmt: skip
STANDINGS = {
    "slot": "integer", "month": "text", "working": "boolean", "months": "integer", "declared": "boolean",
    "ticked": "text", "reason": "text",
}  # fmt: skip


def _pool(seed: int) -> None:
    """Pairs of people from one invented county; both of a pair have neighbouring slots."""
    members: dict[int, list[Resident]] = {}
    for one in invent("county", seed).residents:
        members.setdefault(id(one.family), []).append(one)
    pool = [one for family in members.values() if len(family) > 1 for one in family[:2]][: 2 * PAIRS]
    _temporary("demo_pool", POOL, _pool_rows(pool))
    _temporary(
        "demo_spell",
        SPELLS,
        (
            (slot, str(start), start.first_day, end and str(end), one.work.region_text, one.work.channel)
            for slot, one in enumerate(pool)
            for start, end in one.work.calendar
        ),
    )
    _temporary(
        "demo_standing",
        STANDINGS,
        (
            (slot, str(s.month), s.working, s.months, s.declared, s.ticked, s.reason)
            for slot, one in enumerate(pool)
            for s in one.months
            if s.month in MONTHS
        ),
    )


def _pool_rows(pool: list[Resident]) -> Iterator[tuple]:
    id_no, phone = make_encryptor("ledgers_laborer.id_no"), make_encryptor("ledgers_laborer.phone")
    tail = make_indexer("laborer.id_tail")
    for slot, one in enumerate(pool):
        who, family, work = one.person, one.family, one.work
        yield (
            slot, family.poverty_kind, family.monitor_kind, family.monitored_on, family.risk_removed_on,
            family.is_relocated, family.is_poverty, family.is_monitored, who.name, who.initials, id_no(who.id_no),
            tail(who.id_no[-4:]), who.sex, who.birth, who.relation, phone(who.phone), who.state, who.ability, who.skill,
            who.education, who.health, who.political, work.place_class, work.region_code, work.job_form, work.industry,
            work.employer, work.wage,
        )  # fmt: skip


# ── multiplied in the database: n is the number of the person, (n + 1) / 2 that of the household ───────────────────

PEOPLE = (
    "(SELECT village, generate_series(first, last) AS n FROM demo_village) x "
    f"JOIN demo_pool p ON p.slot = (x.n - 1) % {2 * PAIRS}"
)


def _multiply() -> None:
    with fast.bare(Household):
        sources = {name: f"p.{name}" for name in list(POOL)[1:6]}
        sources |= {"id": "(x.n + 1) / 2", "number": "'P' || (x.n + 1) / 2", "village_id": "x.village"}
        fast.insert_select(Household, sources | {"head_name": "p.name"}, f"{PEOPLE} WHERE x.n % 2 = 1")
    with fast.bare(Laborer):
        fast.insert_select(Laborer, _laborer(), PEOPLE)
    _after_ids(Household, Laborer)
    with fast.bare(WorkSpell):
        sources = {name: f"s.{name}" for name in list(SPELLS)[1:]} | {"laborer_id": "x.n"}
        sources |= {
            name: f"p.{name}" for name in ("region_code", "place_class", "job_form", "employer", "industry")
        }
        sources["monthly_wage"] = "p.wage"
        fast.insert_select(WorkSpell, sources, f"{PEOPLE} JOIN demo_spell s ON s.slot = p.slot")
    with fast.bare(MonthlyRecord):
        for month in MONTHS:
            rows = f"{PEOPLE} JOIN demo_standing t ON t.slot = p.slot WHERE t.month = '{month}'"
            sources = {name: sql.replace("p.laborer", "x.n") for name, sql in load.SOURCES.items()}
            checked = fast.literal(MonthlyRecord, "verified_at", timezone.now() - dt.timedelta(days=1))
            sources |= {"village_id": "x.village", "verify_state": "'已核实'", "verified_at": checked}
            fast.insert_select(MonthlyRecord, sources, rows)


def _laborer() -> dict[str, str]:
    named = ("name", "initials", "id_no", "sex", "birth_date", "relation", "phone", "person_state", "ability",
             "skill_level", "education", "health", "political")  # fmt: skip
    return {name: f"p.{name}" for name in named} | {
        "id": "x.n",
        "household_id": "(x.n + 1) / 2",
        "village_id": "x.village",
        "id_index": "md5('laborer.id' || x.n)",
        "id_tail_index": "p.tail",
        "phone_index": "md5('laborer.phone' || x.n)",
    }


def _after_ids(*tables) -> None:
    """Let the sequences go on after the keys that were given here."""
    with connection.cursor() as cursor:
        for statement in connection.ops.sequence_reset_sql(no_style(), tables):
            cursor.execute(statement)
