"""Figures that say whether the house runs: each with what it counts and what to do when it is not as it should be."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext

from jiuyi.desks.admin.frame import OPERATIONS, for_officers, frame
from jiuyi.domains.billing import queries as billing
from jiuyi.domains.scheduling import queries as scheduling
from jiuyi.foundation import clock, jobs, notices, partitions, tailing
from jiuyi.foundation.access import Actor
from jiuyi.foundation.notices import NoticeStatus
from jiuyi.journeys import paper_lists
from jiuyi.kit.formats import moment_text

MUCH_LAG = 1000
OLD_PAPER = timedelta(hours=12)


@dataclass(frozen=True, slots=True)
class Figure:
    """One figure: what it is, how it is counted, and whether somebody should look."""

    name: str
    value: str
    definition: str
    is_well: bool


@for_officers(OPERATIONS)
def operations(request: HttpRequest, *, actor: Actor) -> HttpResponse:
    """All figures, and the listeners that failed."""
    now = clock.now()
    figures = figures_of(now)
    context = frame(request, actor, current="operations") | {
        "figures": figures,
        "is_well": all(figure.is_well for figure in figures),
        "parked": tailing.parked(),
        "now": now,
    }
    return render(request, "admin/operations.html", context)


def figures_of(now: datetime) -> list[Figure]:
    """The figures of this moment."""
    lag, given_up, parked = tailing.count_lag(), tailing.count_given_up(), tailing.count_parked()
    waiting = jobs.count_by_status()
    posted = notices.count_by_status()
    outside = partitions.count_default_rows()
    ledger, places = billing.count_ledger_difference(), scheduling.count_place_difference()
    written = paper_lists.last_written()
    return [
        _count(
            gettext("事件积压"), lag, lag < MUCH_LAG, gettext("已提交、后台还没有处理的事件数，最多数到 10000。持续增加说明后台进程停了。")
        ),
        _count(gettext("处理失败"), parked, parked == 0, gettext("后台处理时出错、还在自动重试的事件数，重试间隔逐次加倍。")),
        _count(gettext("放弃重试"), given_up, given_up == 0, gettext("重试 8 次仍失败、等人处理的事件数。应为 0。")),
        _count(gettext("待办任务"), waiting["todo"], waiting["todo"] < MUCH_LAG, gettext("排队等后台执行的任务数，含约定在以后执行的。")),
        _count(gettext("失败任务"), waiting["failed"], waiting["failed"] == 0, gettext("试过 5 次仍失败的任务数。应为 0。")),
        _count(
            gettext("发送失败的消息"),
            posted[NoticeStatus.FAILED],
            posted[NoticeStatus.FAILED] == 0,
            gettext("试过 5 次仍没有发出的短信和微信数。请改用电话通知。"),
        ),
        _count(
            gettext("分区外的行"),
            outside,
            outside == 0,
            gettext("日志和审计表中不属于任何月份分区的行数。不会丢失，但说明每月建分区的任务没有运行。应为 0。"),
        ),
        _count(
            gettext("账目差额"),
            ledger,
            ledger == 0,
            gettext("账本合计与应收、实收、退款对不上的科目数。应为 0；不为 0 时请停止退费并查账。"),
        ),
        _count(
            gettext("号源差额"),
            places,
            places == 0,
            gettext("各班次的号加不拢，或号与预约记录不一致的处数。应为 0；不为 0 时请运行 jiuyi verify places 查看每一处。"),
        ),
        _verified(),
        _paper(written, now),
    ]


def _count(name: str, value: int, is_well: bool, definition: str) -> Figure:  # noqa: FBT001  # a row of a table
    return Figure(name, str(value), definition, is_well)


def _verified() -> Figure:
    definition = gettext("每天夜里 2:30 逐个班次核对号源，没有差异才记下时间。有差异时“失败任务”不为 0。")
    done = jobs.last_done("scheduling.verify_places")
    return Figure(gettext("号源夜间核对"), moment_text(done) if done else gettext("还没有核对过"), definition, is_well=True)


def _paper(written: datetime | None, now: datetime) -> Figure:
    definition = gettext("停电断网时用的纸质名单最近一次写出的时间，开诊前和每半小时写一次。超过 12 小时没有写就要查看后台进程。")
    shown: Any = moment_text(written) if written else gettext("还没有写过")
    return Figure(gettext("纸质名单"), shown, definition, written is not None and abs(now - written) < OLD_PAPER)
