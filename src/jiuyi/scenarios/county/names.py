"""Names of invented people: surnames by their frequency, given names by the decade of birth."""

import csv
from functools import cache
from importlib.resources import files
from random import Random

FIRST_DECADE = 1930

# Characters that were fashionable in a decade: (first and second character of men, of women).
_CHARACTERS: dict[int, tuple[str, str, str, str]] = {
    1930: ("德福贵有金银根生长来", "福贵才财宝生旺发全根", "秀桂玉凤兰春香金银翠", "英兰香珍莲花梅芝荣娥"),
    1940: ("德永长金玉宝学文世开", "福贵田林山山生成祥明", "秀桂玉凤兰淑素月春瑞", "英兰珍莲芝荣芳琴云贞"),
    1950: ("建国志卫永保新和长胜", "国军民华平东红强林生", "秀桂淑玉凤素爱月春惠", "英兰芬芳珍华琴霞荣梅"),
    1960: ("建志卫永红海小文学春", "军国民明华平东林生强", "秀丽淑红桂玉爱春小艳", "英华霞萍芬玲芳琴兰丽"),
    1970: ("建志海晓小文永国立春", "军勇强伟明涛斌峰辉平", "丽红艳晓海春小秀玉爱", "霞娟敏燕玲梅静芳萍娜"),
    1980: ("海志晓文鹏建小俊永振", "磊鹏超飞亮波杰刚峰涛", "丽晓海雪婷小文艳春玉", "娜静婷丹莉倩颖琳媛娟"),
    1990: ("文俊浩宇志嘉子明泽鹏", "鑫浩宇杰博阳帅晨豪轩", "雨佳欣雪思梦嘉慧晓怡", "怡洁琪婷慧雯颖茹倩宁"),
    2000: ("浩子宇俊嘉文天思一博", "然轩豪宇熙涵睿阳杰航", "梓欣诗雨佳思可子雅梦", "涵怡雨馨琪彤萱瑶妍悦"),
    2010: ("梓浩宇沐奕子俊泽一铭", "睿轩辰泽铭宸涵阳豪霖", "梓一诗语沐欣雨可若艺", "涵诺桐瑶彤萱琪汐妍晨"),
    2020: ("沐亦屿奕泽景知予云慕", "宸辰川泽行安霖航尧然", "若沐芷昕知语书清予安", "溪瑶晴玥夏桐禾宁初沅"),
}
# Of people born in the decade, the share with a one-character given name.
_SINGLE_SHARE = {1930: 0.05, 1940: 0.06, 1950: 0.1, 1960: 0.18, 1970: 0.28, 1980: 0.34, 1990: 0.24, 2000: 0.1, 2010: 0.06, 2020: 0.06}

# Names that break careless software: dots, one character, rare and astral-plane characters, long ones.
UNUSUAL_NAMES: tuple[tuple[str, str], ...] = (
    ("阿依古丽·买合木提", "female"),
    ("热合曼·吐尔逊", "male"),
    ("古丽娜尔·阿不都热依木", "female"),
    ("巴图尔·艾尔肯", "male"),
    ("娜仁托娅·乌云毕力格", "female"),
    ("喜", "female"),
    ("难", "male"),
    ("欧阳䶮", "male"),
    ("司马𬱖", "female"),
    ("李㛃", "female"),
    ("王𠅤", "male"),
    ("孙𬘭", "female"),
    ("赵堃", "male"),
    ("钱槑", "female"),
    ("尉迟犇", "male"),
    ("上官婧祎", "female"),
)

FOREIGN_NAMES: tuple[tuple[str, str], ...] = (
    ("ANNA NOWAKOWSKA", "female"),
    ("JOSEPH MWANGI KAMAU", "male"),
    ("MARIA DA SILVA SANTOS", "female"),
    ("O'NEILL SEAN PATRICK", "male"),
    ("NGUYEN THI HOA", "female"),
    ("BUDI", "male"),
    ("SØRENSEN LÆRKE", "female"),
    ("IVANOV PETR SERGEEVICH", "male"),
)


@cache
def _surnames() -> tuple[tuple[str, ...], tuple[int, ...]]:
    text = (files("jiuyi.scenarios") / "data" / "surnames.csv").read_text(encoding="utf-8")
    rows = list(csv.DictReader(text.splitlines()))
    return tuple(row["surname"] for row in rows), tuple(int(row["frequency"]) for row in rows)


def surname(rng: Random) -> str:
    """A surname, the frequent ones more often."""
    names, frequencies = _surnames()
    return rng.choices(names, frequencies)[0]


def given_name(rng: Random, birth_year: int, *, male: bool) -> str:
    """A given name of one or two characters in the fashion of the decade."""
    decade = min(max(birth_year // 10 * 10, FIRST_DECADE), max(_CHARACTERS))
    characters = _CHARACTERS[decade]
    first, second = characters[:2] if male else characters[2:]
    last = rng.choice(second)
    if rng.random() < _SINGLE_SHARE[decade]:
        return last
    return rng.choice([character for character in first if character != last]) + last
