"""``jiuyi verify places``: whether every place of every session is accounted for; 1 when anything differs."""

import argparse

from jiuyi.project import session

_COLUMNS = (
    ("未放号", "unreleased"),
    ("可预约", "free"),
    ("待支付", "held"),
    ("冷却中", "cooling"),
    ("已预约", "booked"),
    ("已使用", "used"),
    ("已过期", "expired"),
)
_KINDS = {
    "sum": "各项之和不等于班次号数",
    "taken_by_nobody": "号已占用，却没有对应的预约",
    "place_not_taken": "有预约，号却不是占用状态",
    "taken_twice": "一个号有两个预约",
    "other_session": "预约与号的班次不一致",
    "other_window": "预约与号的时段不一致",
    "other_department": "预约与班次的科室、机构或日期不一致",
    "other_practitioner": "预约与班次的医生不一致",
}


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """What to verify."""
    parser.add_argument("what", choices=["places"], help="places: unreleased + free + held + cooling + booked + used + expired = capacity")


def run(_options: argparse.Namespace) -> int:
    """Add up, print the totals and every difference with its ids."""
    with session.database():
        session.setup()
        from jiuyi.domains.scheduling import queries  # noqa: PLC0415  # needs the applications
        from jiuyi.foundation import clock  # noqa: PLC0415  # as above

        now = clock.now()
        sums = queries.sums_of_sessions(now=now)
        differences = queries.place_differences(now=now)
    for title, name in _COLUMNS:
        print(f"{title}  {sum(getattr(row, name) for row in sums):>10,}")
    print(f"合计    {sum(row.accounted for row in sums):>10,}")
    print(f"号数    {sum(row.capacity for row in sums):>10,}   班次 {len(sums):,} 个")
    print(f"另计：加号 {sum(row.extras for row in sums):,}，已收回 {sum(row.withdrawn for row in sums):,}")
    for difference in differences:
        ids = [f"班次 {difference.session_id}"]
        ids += [f"号 {difference.place_id}"] if difference.place_id else []
        ids += [f"预约 {difference.appointment_id}"] if difference.appointment_id else []
        print(f"不一致：{_KINDS[difference.kind]}（{'，'.join(ids)}）")
    print("没有差异。" if not differences else f"共 {len(differences)} 处不一致。")
    return 1 if differences else 0
