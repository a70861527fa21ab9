"""The words of the made-up world: places, industries, and names of companies and people. No real company is named."""

from __future__ import annotations

from dataclasses import dataclass

from csconnect_emulator.generator.dice import Dice


@dataclass(frozen=True)
class Place:
    """Where an account sits. ``utc`` is the rough offset in hours that puts its office day on the clock."""

    country: str
    region: str
    currency: str
    zone: str
    language: str
    utc: int
    suffix: str


PLACES: dict[str, Place] = {
    "us_east": Place("US", "North America", "USD", "America/New_York", "en", -5, "Inc."),
    "us_west": Place("US", "North America", "USD", "America/Los_Angeles", "en", -8, "Inc."),
    "us_mid": Place("US", "North America", "USD", "America/Chicago", "en", -6, "LLC"),
    "uk": Place("GB", "EMEA", "GBP", "Europe/London", "en", 0, "Ltd"),
    "de": Place("DE", "EMEA", "EUR", "Europe/Berlin", "en", 1, "GmbH"),
    "fr": Place("FR", "EMEA", "EUR", "Europe/Paris", "en", 1, "SA"),
    "jp": Place("JP", "APAC", "JPY", "Asia/Tokyo", "en", 9, "KK"),
    "sg": Place("SG", "APAC", "USD", "Asia/Singapore", "en", 8, "Pte Ltd"),
    "cn_north": Place("CN", "华北", "CNY", "Asia/Shanghai", "zh", 8, "有限公司"),
    "cn_east": Place("CN", "华东", "CNY", "Asia/Shanghai", "zh", 8, "有限公司"),
    "cn_south": Place("CN", "华南", "CNY", "Asia/Shanghai", "zh", 8, "有限公司"),
}

WHERE: dict[str, dict[str, float]] = {
    "salesforce": {
        "us_east": 22, "us_west": 16, "us_mid": 10, "uk": 13, "de": 10, "fr": 7, "jp": 7, "sg": 4, "cn_east": 7, "cn_south": 4,
    },
    "hubspot": {"cn_north": 28, "cn_east": 30, "cn_south": 22, "sg": 6, "jp": 4, "us_west": 4, "uk": 3, "de": 3},
}  # fmt: skip
"""How the accounts of each system are spread over the places."""

INDUSTRIES = (
    "Manufacturing", "High tech", "Internet", "Finance", "Education", "Healthcare", "Retail", "Consumer goods", "Logistics",
    "Energy", "Professional services", "Advertising",
)  # fmt: skip

_FIRST = (
    "Harbor", "Summit", "Juniper", "Copper", "Silver", "Maple", "Granite", "Willow", "Bright", "Cedar", "Falcon", "Meridian",
    "Orchard", "Pioneer", "Quarry", "Raven", "Sable", "Timber", "Umber", "Vale", "Wren", "Yarrow", "Zephyr", "Amber", "Birch",
    "Coral", "Delta", "Ember", "Fjord", "Glade", "Hazel", "Indigo", "Kestrel", "Lumen", "Mosaic", "Nimbus", "Onyx", "Prairie",
)  # fmt: skip
_SECOND = (
    "Logistics", "Robotics", "Foods", "Health", "Media", "Systems", "Analytics", "Freight", "Textiles", "Optics", "Energy",
    "Learning", "Capital", "Devices", "Software", "Packaging", "Motors", "Retail", "Consulting", "Biotech", "Instruments",
    "Networks", "Travel", "Furniture", "Chemicals",
)  # fmt: skip
_ZH_FIRST = (
    "远航", "晨曦", "青禾", "蓝鲸", "星野", "明湖", "安泰", "博观", "云舟", "海川", "林溪", "金石", "朗月", "启程", "长风", "乐山",
    "新桥", "瑞禾", "同舟", "白鹿", "松涛", "华屿", "泓源", "东篱",
)  # fmt: skip
_ZH_SECOND = (
    "教育", "科技", "物流", "智能装备", "食品", "医疗", "网络", "传媒", "新能源", "精密制造", "电子", "家居", "咨询", "零售",
    "生物", "软件",
)  # fmt: skip
_GIVEN = (
    "Anna", "Ben", "Clara", "David", "Elena", "Frank", "Grace", "Hugo", "Iris", "Jonas", "Kate", "Liam", "Maria", "Noah",
    "Olga", "Peter", "Quinn", "Rosa", "Sam", "Tara", "Victor", "Wendy", "Yusuf", "Zoe",
)  # fmt: skip
_FAMILY = (
    "Adams", "Baker", "Costa", "Dubois", "Evans", "Fischer", "Garcia", "Hughes", "Ito", "Jensen", "Keller", "Lopez",
    "Martin", "Novak", "Okafor", "Patel", "Reyes", "Sato", "Turner", "Weber", "Young",
)  # fmt: skip
_ZH_FAMILY = "王李张刘陈杨赵黄周吴徐孙胡朱高林何郭马罗"
_ZH_GIVEN = (
    "伟", "芳", "敏", "静", "磊", "洋", "艳", "勇", "杰", "娟", "涛", "明", "超", "秀英", "霞", "平", "雨桐", "子轩", "思远",
    "佳怡", "浩然", "晓峰",
)  # fmt: skip
_SYLLABLES = (
    "an", "bo", "chen", "dai", "fei", "gao", "hao", "jin", "kai", "lan", "min", "ning", "qi", "rui", "tao", "wei", "xin", "yu",
)  # fmt: skip


@dataclass(frozen=True)
class Person:
    """A name in its parts; ``mailbox`` is plain ASCII."""

    given: str
    family: str
    full: str
    mailbox: str


def company_name(dice: Dice, place: Place) -> str:
    """A company's name in the language of its place; names repeat in a large world, as they do outside."""
    first, second = (_ZH_FIRST, _ZH_SECOND) if place.language == "zh" else (_FIRST, _SECOND)
    name, formal = dice.pick(first), dice.chance(0.4)
    if place.language == "zh":
        return name + dice.pick(second) + (place.suffix if formal else "")
    return f"{name} {dice.pick(second)}" + (f" {place.suffix}" if formal else "")


def person(dice: Dice, language: str) -> Person:
    """Somebody; Chinese names have the family name first."""
    if language == "zh":
        family, given = dice.pick(_ZH_FAMILY), dice.pick(_ZH_GIVEN)
        return Person(given, family, family + given, dice.pick(_SYLLABLES) + dice.pick(_SYLLABLES))
    given, family = dice.pick(_GIVEN), dice.pick(_FAMILY)
    return Person(given, family, f"{given} {family}", f"{given}.{family}".lower())
