"""The columns of a directory file and of a list of units, and what their headings are called."""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

PEOPLE: Final = ("number", "name", "name_latin", "unit", "manager", "email", "phone", "language", "place")
NEEDED: Final = frozenset({"number", "name"})
LONGEST: Final[Mapping[str, int]] = MappingProxyType(
    {
        "number": 64,
        "name": 200,
        "name_latin": 200,
        "unit": 200,
        "manager": 64,
        "email": 254,
        "phone": 32,
        "language": 64,
        "place": 200,
    }
)
"""In characters, as the database has room."""

UNITS: Final = ("code", "name", "parent")
UNITS_NEEDED: Final = frozenset({"code"})
UNIT_SHEETS: Final = frozenset(
    {"units", "unit", "departments", "单位", "部门", "组织", "组织架构", "部门列表"}
)

_PEOPLE_ALIASES = {
    "number": "employee number, employee no, employee id, employee, emp no, emp id, personnel number, staff number, id, no,"
    "工号, 员工编号, 员工号, 人员编号, 职工号, 编号",
    "name": "full name, display name, 姓名, 名字, 员工姓名, 中文姓名, 中文名",
    "name_latin": "latin name, name in latin letters, romanised name, romanized name, english name, name en, pinyin,"
    "拼音, 姓名拼音, 英文名, 英文姓名, 拉丁字母姓名",
    "unit": "department, dept, org unit, organisation unit, organization unit, team, 部门, 单位, 所属部门, 组织, 部门编号",
    "manager": "line manager, manager number, manager id, supervisor, reports to, 上级, 直属上级, 上级工号, 直属上级工号,"
    "主管, 直属主管, 经理, 经理工号, 主管工号",
    "email": "e mail, mail, email address, e mail address, work email, 邮箱, 电子邮箱, 电子邮件, 工作邮箱, 邮件",
    "phone": "telephone, tel, mobile, mobile phone, phone number, 电话, 手机, 手机号, 手机号码, 联系电话, 电话号码",
    "language": "languages, lang, preferred language, 语言, 首选语言, 使用语言",
    "place": "location, site, office, city, work location, 地点, 工作地点, 办公地点, 所在地, 城市",
}
_UNIT_ALIASES = {
    "code": "unit, unit code, department, department code, id, number, 编号, 部门编号, 单位编号, 代码, 部门, 单位",
    "name": "unit name, department name, 名称, 部门名称, 单位名称",
    "parent": "parent unit, parent code, 上级, 上级部门, 上级单位, 上级编号, 上级部门编号",
}


def _table(names: tuple[str, ...], aliases: Mapping[str, str]) -> dict[str, str]:
    return {
        folded(alias): name for name in names for alias in [name, *aliases[name].replace("\n", "").split(",")]
    }


def folded(heading: str) -> str:
    """A heading without case, spaces, underscores, hyphens, dots and what stands in brackets."""
    text = heading.split("(")[0].split("（")[0].casefold()
    return "".join(letter for letter in text if letter not in " _-.*:：\t\u3000\xa0")


PEOPLE_HEADINGS: Final = MappingProxyType(_table(PEOPLE, _PEOPLE_ALIASES))
UNIT_HEADINGS: Final = MappingProxyType(_table(UNITS, _UNIT_ALIASES))
