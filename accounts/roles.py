"""Who may do what: the role matrix (reliability.md §3), as one table.

Letters: r masked read · u reveal with a reason · w write · p propose · a approve · i staged import · x export ·
v verify the chain ·
c confirm into the ledger.
A right always applies to the tree below the posting's unit and nowhere else.
"""

from django.db.models import TextChoices


class Role(TextChoices):
    VILLAGE = "village", "村信息员"
    TOWNSHIP = "township", "乡镇"
    COUNTY = "county", "县专班"
    CITY = "city", "市办"
    SAMPLER = "sampler", "抽查员"
    AUDITOR = "auditor", "审计"
    ADMIN = "admin", "管理员"


MATRIX: dict[str, dict[str, str]] = {
    #            village      township      county        city          sampler    auditor    admin
    "person": dict(village="ruwi", township="ruwai", county="ruxi", city="rix", auditor="r"),
    "form": dict(village="rp", township="rpa", county="rc", city="r", auditor="r"),
    "service": dict(village="rw", township="rwa", county="rwa", city="r", auditor="r"),
    "post": dict(village="rp", township="rwi", county="raxi", city="rxi", auditor="r"),
    "subsidy": dict(village="rp", township="rpi", county="raxi", city="rx", auditor="r"),
    "scheme": dict(village="r", township="r", county="rwa", city="rwa", auditor="r"),
    "training": dict(village="rp", township="rwi", county="rwaxi", city="rx", auditor="r"),
    "sampling": dict(township="r", county="r", city="rwaix", sampler="rw", auditor="r"),
    "message": dict(village="rp", township="rwp", county="rwp", city="rwp", auditor="r"),
    "figures": dict(village="r", township="rx", county="rx", city="rx", auditor="r"),
    "target": dict(village="r", township="r", county="rwi", city="rwix", auditor="r"),
    "month": dict(village="r", township="r", county="rw", city="rw", auditor="r"),
    "bulletin": dict(county="r", city="rwax", auditor="r"),
    "file": dict(village="w", township="w", county="w", city="w", auditor="r", admin="w"),
    "accounts": dict(township="p", county="rwi", city="rwi", auditor="r", admin="rwix"),
    "audit": dict(village="r", township="r", county="r", city="r", auditor="rv"),
}

# The levels of the units in which a role can be held.
SERVES_AT: dict[str, tuple[str, ...]] = {
    Role.VILLAGE: ("village",),
    Role.TOWNSHIP: ("township",),
    Role.COUNTY: ("county",),
    Role.CITY: ("city", "province"),
    Role.SAMPLER: ("city", "county", "township"),
    Role.AUDITOR: ("province", "city", "county"),
    Role.ADMIN: ("province", "city", "county"),
}

# The roles that a role may hand out: only below itself; administrators and auditors come from administrators.
HANDS_OUT: dict[str, frozenset[str]] = {
    Role.COUNTY: frozenset({Role.VILLAGE, Role.TOWNSHIP}),
    Role.CITY: frozenset({Role.VILLAGE, Role.TOWNSHIP, Role.COUNTY, Role.SAMPLER}),
    Role.ADMIN: frozenset(Role),
}


def roles_with(subject: str, letter: str) -> frozenset[str]:
    """The roles whose row in the matrix gives `letter` on `subject`."""
    return frozenset(role for role, letters in MATRIX[subject].items() if letter in letters)
