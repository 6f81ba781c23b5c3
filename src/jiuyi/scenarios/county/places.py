"""Invented places: Heling county, its seven townships and twenty villages. None is in GB/T 2260 or its street list."""

COUNTY = "禾陵县"
CONSORTIUM = "禾陵县紧密型医共体"
PROVINCE = "岚江"
SEAT = "禾东街道"

# Township → its villages; the first two digits after 1099 in an ID number count the township (0 is the county seat).
VILLAGES: dict[str, tuple[str, ...]] = {
    "石栎镇": ("上栎村", "下栎村", "望禾村"),
    "芦汀镇": ("南汀村", "北汀村", "苇桥村"),
    "槐岭镇": ("槐前村", "松坞村", "梅坡村"),
    "麦川镇": ("麦垄村", "清禾村", "栖禾村"),
    "桐坞乡": ("竹坞村", "梨坞村"),
    "荇溪镇": ("渡月村", "白蘋村", "蓼溪村"),
    "枣坞乡": ("杏坞村", "鹭湾村", "雁滩村"),
}
# Township → where its health centre stands, without the last syllable.
STREETS = {
    "石栎镇": "栎阳路",
    "芦汀镇": "汀洲路",
    "槐岭镇": "岭南街",
    "麦川镇": "麦香路",
    "桐坞乡": "桐花路",
    "荇溪镇": "溪桥街",
    "枣坞乡": "枣花街",
}
SEAT_QUARTERS = ("云稷社区", "东篱社区", "稻香社区", "桥头社区")
SEAT_STREETS = ("禾兴路", "云稷路", "东篱巷", "学前街")

# Who lives with how many: the weights of the quarters and villages when a household is placed.
SEAT_SHARE = 0.34


def settlements() -> list[tuple[int, str, str]]:
    """``(number in the ID prefix, township, village or quarter)`` of every place where somebody lives."""
    result = [(0, SEAT, quarter) for quarter in SEAT_QUARTERS]
    for number, (township, villages) in enumerate(VILLAGES.items(), start=1):
        result.extend((number, township, village) for village in villages)
    return result
