"""What somebody typed into the search box, understood: a name, initials, the tail of an ID, or a whole number.

Whole numbers never stand in an address: they travel as their blind index.
"""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass

from django.db.models import Q

from lib.crypto import blind_index
from lib.identity import REJECT, check_phone

NAME, INITIALS, TAIL, ID, PHONE, WRONG = "name", "initials", "tail", "id", "phone", "wrong"
_ID = re.compile(r"[0-9]{17}[0-9X]")
_TAIL = re.compile(r"[0-9]{3}[0-9X]")
_INDEX = re.compile(r"(id|phone):([0-9a-f]{32})")
HELP = "可查姓名、姓名首字母、身份证末四位，或完整的身份证号码、电话。"


@dataclass(frozen=True)
class Search:
    """A kind and what to look for; `message` says why nothing is looked for."""

    kind: str
    value: str = ""
    message: str = ""

    @property
    def in_address(self) -> dict[str, str]:
        """The query parameters that mean this search and show no number."""
        if self.kind in {ID, PHONE}:
            return {"idx": f"{self.kind}:{self.value}"}
        return {"q": self.value} if self.value else {}

    def condition(self, person: str = "") -> Q:
        """The condition on laborers, or on rows that reach one through the lookup `person` ("laborer__")."""
        lookups = {
            NAME: "name__contains",
            INITIALS: "initials__startswith",
            TAIL: "id_tail_index",
            ID: "id_index",
            PHONE: "phone_index",
        }
        if self.kind == WRONG:
            return Q(pk__in=[])
        value = blind_index(self.value, "laborer.id_tail") if self.kind == TAIL else self.value
        return Q(**{person + lookups[self.kind]: value})


def understand(text: str) -> Search | None:
    """None for an empty box. % and _ mean themselves; two characters at least."""
    typed = unicodedata.normalize("NFKC", text).replace("\x00", "").strip()[:50]
    digits = re.sub(r"[\s-]", "", typed).upper()
    if not typed:
        return None
    if _ID.fullmatch(digits):
        return Search(ID, blind_index(digits, "laborer.id"))
    if _TAIL.fullmatch(digits):
        return Search(TAIL, digits)
    if sum(character.isdigit() for character in digits) >= 5:
        phone = check_phone(typed)
        if phone.level != REJECT and phone.value:
            return Search(PHONE, blind_index(phone.value, "laborer.phone"))
        return Search(WRONG, message="号码不完整。请输入完整的身份证号码或电话，或只输入身份证末四位。")
    if len(typed) < 2:
        return Search(WRONG, message="请至少输入两个字，或两个首字母。")
    if typed.isascii() and typed.isalpha():
        return Search(INITIALS, typed.lower())
    return Search(NAME, typed)


def from_address(index: str) -> Search | None:
    """The search behind `?idx=`; nonsense finds nothing."""
    if not index:
        return None
    found = _INDEX.fullmatch(index)
    return Search(found[1], found[2]) if found else Search(WRONG, message="查找条件已失效，请重新输入。")
