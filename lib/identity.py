"""Who somebody is: citizen number, name, telephone and credit code: normalise, check, mask.

GB 11643 (citizen number), GB 32100-2015 (credit code). Only ASCII patterns: ``str.isdigit`` believes in "²".
Nothing is ever repaired: what a spreadsheet destroyed has to be typed again.
"""

import re
from calendar import isleap
from datetime import date
from functools import lru_cache
from operator import mul
from typing import NamedTuple

Cell = str | int | float | None

OK, REVIEW, REJECT, INFO = "ok", "review", "reject", "info"
OLDEST_YEARS = 130
WORKING_AGE_LOWER = 16
WORKING_AGE_UPPER = 60


class Checked(NamedTuple):
    """A normalised value and what to say about it; a rejected value is the text as it was read.

    Levels: ok · info (told, nothing to do) · review (accepted, somebody confirms) · reject.
    ``extra`` holds a second telephone number.
    """

    value: str
    level: str
    message: str = ""
    extra: str = ""

    @property
    def accepted(self) -> bool:
        return self.level != REJECT


# Spaces of every width, zero-width marks, and the apostrophe that keeps a cell as text.
_INVISIBLE = dict.fromkeys(
    map(
        ord,
        " \t\r\n\u00a0\u3000\u1680\u2000\u2001\u2002\u2003\u2004\u2005\u2006\u2007\u2008\u2009\u200a\u202f\u205f"
        "\u200b\u200c\u200d\u2060\ufeff\u00ad",
    )
)
_APOSTROPHES = dict.fromkeys(map(ord, "'`\u2018\u2019\uff07"))
_HALF_WIDTH = {code: code - 0xFEE0 for code in range(0xFF01, 0xFF5F)}
_CODE_CLEAN = _HALF_WIDTH | _INVISIBLE | _APOSTROPHES
_SCIENTIFIC = re.compile(r"[0-9]+(?:\.[0-9]+)?[eE]\+?[0-9]+|[0-9]+\.[0-9]*")


def _clean_code(raw: str) -> str:
    return raw.translate(_CODE_CLEAN).upper()


# --- citizen number -------------------------------------------------------------------------------------------

_CITIZEN_ID = re.compile(r"[0-9]{17}[0-9X]")
_OLD_ID = re.compile(r"[0-9]{15}")
_DISABILITY_NO = re.compile(r"[0-9]{17}[0-9X][0-9]{2}(?:B[0-9]|[0-9]{2})?")
_WEIGHTS = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)
# The bytes of the digits are 48 too large, so the sum is 48 × Σ weights too large: the table starts there.
_OFFSET = 48 * sum(_WEIGHTS)
_CHECK_DIGITS = tuple("10X98765432"[(rest - _OFFSET) % 11] for rest in range(11))
_DAYS = frozenset(
    f"{month:02d}{day:02d}"
    for month, days in enumerate((31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31), 1)
    for day in range(1, days + 1)
)
_AS_NUMBER = "身份证号被存成数字，末位已丢失，请把该列设为文本后按证件重填"
_ENDS_IN_000 = "证件末三位确为000的，目前不能导入，请报告上级管理员"


def id_check_digit(first17: str) -> str:
    """The 18th character for seventeen ASCII digits."""
    return _CHECK_DIGITS[sum(map(mul, _WEIGHTS, first17.encode("ascii"))) % 11]


@lru_cache(maxsize=64)
def _birth_bounds(on: date) -> tuple[str, str]:
    return f"{on.year - OLDEST_YEARS:04d}{on:%m%d}", f"{on:%Y%m%d}"


def _birth_problem(birth: str, on: date) -> str:
    """Why eight digits cannot be a birth date at ``on``, or ""."""
    if birth[4:] not in _DAYS and not (birth[4:] == "0229" and isleap(int(birth[:4]))):
        return "身份证号码中的出生日期不存在"
    oldest, newest = _birth_bounds(on)
    if birth > newest:
        return "身份证号码中的出生日期晚于当前日期"
    return "" if birth > oldest else f"身份证号码中的出生日期早于{OLDEST_YEARS}年前"


def check_citizen_id(raw: Cell, on: date, *, typed: bool = False) -> Checked:
    """Check an 18-digit number; the birth date must be real on ``on``. The region prefix is never judged.

    ``typed``: keyed into a web form, where no spreadsheet can have replaced the last three digits by 000.
    """
    if raw is None or raw == "":
        return Checked("", REJECT, "未填写身份证号码")
    if not isinstance(raw, str):
        return Checked(str(raw), REJECT, _AS_NUMBER)
    number = raw if _CITIZEN_ID.fullmatch(raw) else _clean_code(raw)
    if not _CITIZEN_ID.fullmatch(number):
        return _other_id(number, raw, on)
    if not typed and number.endswith("000"):
        return Checked(raw, REJECT, f"{_AS_NUMBER}；{_ENDS_IN_000}")
    problem = _birth_problem(number[6:14], on)
    if not problem and id_check_digit(number[:17]) != number[17]:
        problem = "身份证号码校验码错误，请与证件核对"
    return Checked(raw, REJECT, problem) if problem else Checked(number, OK)


def _other_id(number: str, raw: str, on: date) -> Checked:
    """The answer to anything that is not seventeen digits and a digit or X."""
    if not number:
        return Checked("", REJECT, "未填写身份证号码")
    if _OLD_ID.fullmatch(number):
        return _upgraded(number, raw, on)
    if _DISABILITY_NO.fullmatch(number):
        return Checked(raw, REJECT, "疑似残疾人证号，请填18位身份证号码，残疾人证号另列填写")
    if _SCIENTIFIC.fullmatch(number):
        return Checked(raw, REJECT, _AS_NUMBER)
    if not re.fullmatch(r"[0-9X]+", number):
        return Checked(raw, REJECT, "身份证号码含有数字和X以外的字符")
    if "X" in number[:-1]:
        return Checked(raw, REJECT, "身份证号码中的X只能在最后一位")
    return Checked(raw, REJECT, f"身份证号码应为18位，现为{len(number)}位")


def _upgraded(number: str, raw: str, on: date) -> Checked:
    first17 = f"{number[:6]}19{number[6:]}"
    problem = _birth_problem(first17[6:14], on)
    if problem:
        return Checked(raw, REJECT, problem)
    return Checked(
        first17 + id_check_digit(first17), REVIEW, "15位旧身份证号已换算为18位，请与现证件核对后再匹配"
    )


def birth_date(id_no: str) -> date:
    """The birth date of a checked number."""
    return date(int(id_no[6:10]), int(id_no[10:12]), int(id_no[12:14]))


def sex(id_no: str) -> str:
    """男 or 女, from the 17th digit of a checked number."""
    return "男" if int(id_no[16]) % 2 else "女"


def age_on(birth: date, on: date) -> int:
    """Completed years (周岁), reached on the birthday itself; 29 February counts on 1 March of a common year."""
    return on.year - birth.year - ((on.month, on.day) < (birth.month, birth.day))


def check_working_age(
    birth: date, on: date, lower: int = WORKING_AGE_LOWER, upper: int = WORKING_AGE_UPPER
) -> Checked:
    """``value`` is the age in completed years: below ``lower`` reject, from ``upper`` on review (弱劳动力)."""
    age = age_on(birth, on)
    if age < lower:
        return Checked(str(age), REJECT, f"未满{lower}周岁，不能登记务工")
    if age >= upper:
        return Checked(str(age), REVIEW, f"已满{upper}周岁，请按弱劳动力核对")
    return Checked(str(age), OK)


def check_sex(stated: str, id_no: str) -> Checked:
    """A stated 男/女 (also 男性/女性) against the number; a conflict is for review."""
    stated = (stated or "").strip().removesuffix("性")
    if stated in ("", sex(id_no)):
        return Checked(sex(id_no), OK)
    return Checked(sex(id_no), REVIEW, "性别与身份证号码不符，请核对")


# --- name -----------------------------------------------------------------------------------------------------

NAME_LENGTH = 50
_HAN = "\u3007\u3400-\u4dbf\u4e00-\u9fff\ufa0e\ufa0f\ufa11\ufa13\ufa14\ufa1f\ufa21\ufa23\ufa24\ufa27-\ufa29"
_HAN += "\U00020000-\U0002f7ff\U0002fa20-\U0003fffd"
_PLAIN_NAME = re.compile(f"[{_HAN}]{{2,{NAME_LENGTH}}}")
_DOTTED_NAME = re.compile(f"[{_HAN}]+(?:\u00b7[{_HAN}]+)+")
_LOOKALIKE = re.compile("[\uf900-\ufaff\U0002f800-\U0002fa1f\u2e80-\u2fdf\U000e0100-\U000e01ef\ufe00-\ufe0f]")
_LOST_GLYPH = re.compile(
    "[\ue000-\uf8ff\U000f0000-\U0010fffd\ufffd?\uff1f\u25a1\u25a0\u3013\u25af\u25fb\u2ff0-\u2fff]"
)
_FORBIDDEN = re.compile("[\x00-\x1f\x7f-\x9f\u200e\u200f\u061c\u2028-\u202e\u2066-\u2069]")
_DOTS = dict.fromkeys(map(ord, "\u2022\u2027\u2219\u22c5\u30fb\uff65\uff0e.\u0387\u25cf\u2024"), "\u00b7")
_NAME_CLEAN = _HALF_WIDTH | _DOTS | dict.fromkeys(map(ord, "\u200b\u200c\u200d\u2060\ufeff\u00ad"))
del _NAME_CLEAN[ord("？")]
_ODD_NAME = re.compile(rf"[\w{_HAN}\u00b7 ()-]+")
_SPACE = re.compile(r"\s+")


def check_name(raw: Cell) -> Checked:
    """Check a person's name; separators become U+00B7, spaces between characters go, rare characters stay."""
    if raw is None or raw == "":
        return Checked("", REJECT, "未填写姓名")
    if not isinstance(raw, str):
        return Checked(str(raw), REJECT, "姓名是数字，请核对是否填错列")
    if _PLAIN_NAME.fullmatch(raw):
        return Checked(raw, OK)
    return _other_name(raw)


def _other_name(raw: str) -> Checked:
    text = raw.strip().translate(_NAME_CLEAN).lstrip("'\u2018\u2019").strip()
    if not text:
        return Checked("", REJECT, "未填写姓名")
    if len(text) > NAME_LENGTH:
        return Checked(raw, REJECT, f"姓名超过{NAME_LENGTH}个字")
    if _FORBIDDEN.search(text):
        return Checked(raw, REJECT, "姓名含非法字符")
    text = _SPACE.sub(" " if re.search("[A-Za-z]", text) else "", text)
    if _LOST_GLYPH.search(text):
        rest = _LOST_GLYPH.sub("", text)
        if not rest or _name_is_readable(rest):
            return Checked(text, REVIEW, "姓名疑似生僻字乱码，请与证件核对")
    return _judge_name(text, raw)


def _name_is_readable(text: str) -> bool:
    return bool(_ODD_NAME.fullmatch(_LOOKALIKE.sub("", text) or "-"))


def _judge_name(text: str, raw: str) -> Checked:
    han = _PLAIN_NAME.fullmatch(text) or _DOTTED_NAME.fullmatch(text)
    if han:
        return Checked(text, OK)
    if not _ODD_NAME.fullmatch(_LOOKALIKE.sub("", text) or "一") or "_" in text or text[0] in "-(\u00b7":
        return Checked(raw, REJECT, "姓名含非法字符")
    if _LOOKALIKE.search(text):
        return Checked(text, REVIEW, "姓名含兼容字形，请与证件核对")
    if len(text) == 1:
        return Checked(text, REVIEW, "姓名只有一个字，请核对")
    return Checked(text, REVIEW, "姓名含字母、数字或符号，请与证件核对")


# --- telephone ------------------------------------------------------------------------------------------------

_MOBILE = re.compile(r"1[3-9][0-9]{9}")
_LANDLINE = re.compile(r"0[0-9]{2,3}[0-9]{7,8}")
_COUNTRY = re.compile(r"^(?:\+|00)?86(?=1[3-9][0-9]{9}$|0)")
_SEPARATORS = re.compile(r"[/\\、,;|\n或]+")
_JOINED = re.compile(r"(1[3-9][0-9]{9})(1[3-9][0-9]{9}|0[0-9]{9,11})|(0[0-9]{9,11})(1[3-9][0-9]{9})")
_PHONE_HALF_WIDTH = _HALF_WIDTH | _APOSTROPHES | {ord("\r"): "\n"}
_PHONE_CLEAN = _INVISIBLE | dict.fromkeys(map(ord, "-()\u2010\u2011\u2012\u2013\u2014\u2212"))
_TRAILING_ZERO = re.compile(r"([0-9]+)\.0+")
_INVENTED = frozenset([digit * 11 for digit in "0123456789"] + ["12345678901", "12345678910"])
_VIRTUAL = frozenset(("162", "165", "167", "170", "171"))
_MACHINES = frozenset(("140", "141", "144", "146", "148"))


def check_phone(raw: Cell) -> Checked:
    """Check one or two telephone numbers; a mobile becomes eleven digits, a landline 0714-6221234.

    An empty cell is "info": whether a number is required is the caller's rule.
    """
    if raw is None or raw == "":
        return Checked("", INFO, "未填写联系电话")
    if isinstance(raw, str) and _MOBILE.fullmatch(raw):
        return _judge_mobile(raw)
    if isinstance(raw, float):
        raw = str(int(raw)) if raw.is_integer() else str(raw)
    return _other_phone(str(raw))


def _judge_mobile(number: str) -> Checked:
    if number in _INVENTED:
        return Checked(number, REVIEW, "联系电话疑似随意填写，请核对")
    if number[:3] in _VIRTUAL:
        return Checked(number, INFO, "联系电话为虚拟运营商号段")
    if number[:3] in _MACHINES:
        return Checked(number, INFO, "联系电话为物联网号段")
    return Checked(number, OK)


def _other_phone(raw: str) -> Checked:
    text = raw.translate(_PHONE_HALF_WIDTH).strip()
    parts = [part for part in (p.translate(_PHONE_CLEAN) for p in _SEPARATORS.split(text)) if part]
    if not parts:
        return Checked("", INFO, "未填写联系电话")
    if len(parts) == 1 and (joined := _JOINED.fullmatch(parts[0])):
        parts = [number for number in joined.groups() if number]
    return _chosen([_one_phone(part, raw) for part in parts])


def _chosen(numbers: list[Checked]) -> Checked:
    """The first two usable numbers; what was left out is said, never dropped silently."""
    usable = list({n.value: n for n in numbers if n.accepted}.values())
    if not usable:
        return numbers[0]
    worst = max(usable[:2], key=lambda number: (OK, INFO, REVIEW).index(number.level))
    chosen = worst._replace(value=usable[0].value, extra=usable[1].value if len(usable) > 1 else "")
    refused = next((n.message for n in numbers if not n.accepted), "")
    if refused:
        return chosen._replace(level=REVIEW, message=f"其中一个号码未采用：{refused}")
    if len(usable) > 2:
        return chosen._replace(level=REVIEW, message="联系电话多于两个，只采用前两个，请核对")
    return chosen


def _one_phone(text: str, raw: str) -> Checked:
    number = _TRAILING_ZERO.sub(r"\1", text) if _TRAILING_ZERO.fullmatch(text) else text
    number = _COUNTRY.sub("", number, count=1)
    if number in _INVENTED or _MOBILE.fullmatch(number):
        return _judge_mobile(number)
    if _LANDLINE.fullmatch(number):
        area = 3 if number[1] in "12" else 4
        return Checked(f"{number[:area]}-{number[area:]}", OK)
    if _SCIENTIFIC.fullmatch(number):
        return Checked(raw, REJECT, "联系电话被存成数字且已不完整，请设为文本后重填")
    if not re.fullmatch("[0-9]+", number):
        return Checked(raw, REJECT, "联系电话含有数字以外的字符")
    if len(number) in (7, 8):
        return Checked(raw, REJECT, "固定电话缺少区号")
    if len(number) != 11:
        return Checked(raw, REJECT, f"手机号码应为11位，现为{len(number)}位")
    return Checked(raw, REJECT, "联系电话既不是手机号码，也不是带区号的固定电话")


# --- unified social credit code -------------------------------------------------------------------------------

_USCC_ALPHABET = "0123456789ABCDEFGHJKLMNPQRTUWXY"
_USCC = re.compile(f"[{_USCC_ALPHABET}]{{2}}[0-9]{{6}}[{_USCC_ALPHABET}]{{10}}")
_USCC_VALUES = {character: value for value, character in enumerate(_USCC_ALPHABET)}
_USCC_WEIGHTS = tuple(pow(3, power, 31) for power in range(17))


def uscc_check_character(first17: str) -> str:
    """The 18th character for seventeen characters of the code."""
    total = sum(map(mul, _USCC_WEIGHTS, map(_USCC_VALUES.__getitem__, first17)))
    return _USCC_ALPHABET[-total % 31]


def check_uscc(raw: Cell) -> Checked:
    """Check a 统一社会信用代码 (18 characters, no I O S V Z)."""
    if raw is None or raw == "":
        return Checked("", REJECT, "未填写统一社会信用代码")
    if not isinstance(raw, str):
        return Checked(str(raw), REJECT, "统一社会信用代码被存成数字，末位已丢失")
    code = _clean_code(raw).replace("-", "")
    if len(code) != 18:
        return Checked(raw, REJECT, f"统一社会信用代码应为18位，现为{len(code)}位")
    if not _USCC.fullmatch(code):
        return Checked(raw, REJECT, "统一社会信用代码含有不允许的字符（不用I、O、S、V、Z）")
    if uscc_check_character(code[:17]) != code[17]:
        return Checked(raw, REJECT, "统一社会信用代码校验码错误")
    return Checked(code, OK)


# --- masks ----------------------------------------------------------------------------------------------------

_DOUBLE_SURNAMES = {
    "欧阳", "司马", "上官", "诸葛", "东方", "皇甫", "尉迟", "公孙", "令狐", "慕容", "司徒", "长孙",
    "宇文", "夏侯", "单于", "万俟", "澹台", "端木", "轩辕", "南宫", "独孤",
}  # fmt: skip


def mask_id(id_no: str) -> str:
    """``9901**********0019``; a number shorter than twelve characters is hidden whole."""
    if len(id_no) < 12:
        return "*" * len(id_no)
    return f"{id_no[:4]}{'*' * (len(id_no) - 8)}{id_no[-4:]}"


def mask_phone(phone: str) -> str:
    """``139****1234``, ``0714-***1234``; anything short is hidden whole."""
    if len(phone) < 8:
        return "*" * len(phone)
    keep = phone.find("-") + 1 or 3
    return f"{phone[:keep]}{'*' * (len(phone) - keep - 4)}{phone[-4:]}"


def mask_name(name: str) -> str:
    """``张某``, ``欧阳某``."""
    if not name:
        return ""
    return (name[:2] if name[:2] in _DOUBLE_SURNAMES and len(name) > 2 else name[0]) + "某"


# --- search by initials ---------------------------------------------------------------------------------------

# Surnames that are read otherwise than the same character elsewhere.
_SURNAMES = {
    "仇": "qiu", "单": "shan", "曾": "zeng", "解": "xie", "朴": "piao", "查": "zha", "盖": "ge", "区": "ou",
    "尉": "wei", "缪": "miao", "覃": "qin", "冼": "xian", "乐": "yue", "翟": "zhai", "员": "yun", "祭": "zhai",
    "召": "shao", "折": "she", "繁": "po", "秘": "bi", "种": "chong", "重": "chong", "适": "kuo", "句": "gou",
    "黑": "he", "隗": "kui", "郗": "xi", "洗": "xian", "都": "du", "会": "gui", "奇": "ji", "能": "nai",
    "长": "chang", "朝": "chao", "单于": "chan yu", "尉迟": "yu chi",
    "万俟": "mo qi", "澹台": "tan tai", "长孙": "zhang sun", "令狐": "ling hu",
}  # fmt: skip


@lru_cache(maxsize=20_000)
def _initial(character: str) -> str:
    # Loaded on first use: its dictionary costs memory that most processes never need.
    from pypinyin import Style, lazy_pinyin

    if character.isascii():
        return character.lower() if character.isalnum() else ""
    return "".join(lazy_pinyin(character, style=Style.FIRST_LETTER, errors="ignore"))


def pinyin_initials(name: str) -> str:
    """Lower-case initials of a person's name, the surname read as a surname: 仇小单 → qxd."""
    for length in (2, 1):
        reading = _SURNAMES.get(name[:length])
        if reading:
            initials = "".join(syllable[0] for syllable in reading.split())
            return initials + "".join(map(_initial, name[length:]))
    return "".join(map(_initial, name))
