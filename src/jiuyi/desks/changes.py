"""A change of the day in the words of a page: what happened, what it means, what may be chosen; for patients and for the phone."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.utils.translation import gettext

from jiuyi.domains.organizations import queries as organizations
from jiuyi.domains.scheduling.queries import changes
from jiuyi.domains.scheduling.queries.changes import NoticeFacts
from jiuyi.domains.scheduling.words import ChangeChoice, ChangeKind
from jiuyi.foundation import clock
from jiuyi.journeys import changing
from jiuyi.kernel.text import gettext_noop
from jiuyi.kit.formats import day_text, moment_text, window_text

_KEPT = {
    ChangeKind.STOP: gettext_noop("这次门诊停诊"),
    ChangeKind.SUBSTITUTE: gettext_noop("换了一位医生"),
    ChangeKind.DELAY: gettext_noop("门诊延后了"),
    ChangeKind.ROOM: gettext_noop("换了诊室"),
}
_HINTS = {
    ChangeChoice.SUBSTITUTE: gettext_noop("同科室、同号别的其他医生，费用不变，时间挑离原来最近的。"),
    ChangeChoice.MOVE: gettext_noop("同科室、同号别，费用不变，下一页选时间。"),
    ChangeChoice.REFUND: gettext_noop("付过的钱全部退回，不算退号。"),
}
_KEEP_HINTS = {
    ChangeKind.SUBSTITUTE: gettext_noop("时间、地点和费用都不变。"),
    ChangeKind.DELAY: gettext_noop("按新的时间来。"),
    ChangeKind.ROOM: gettext_noop("时间不变，到新的诊室。"),
}


@dataclass(frozen=True, slots=True)
class ShownChange:
    """One notice in the active language."""

    notice: NoticeFacts
    heading: str
    happened: str
    until: str
    choices: tuple[tuple[str, str], ...]
    hints: dict[str, str]


def shown_change(notice: NoticeFacts) -> ShownChange:
    """What the page of a change says. The choices are empty once nothing is left to choose."""
    offered = changes.choices_of_notice(notice) if notice.choice in {None, ChangeChoice.KEEP} else ()
    kind = notice.change.kind
    if ChangeChoice.SUBSTITUTE in offered and not changing.substitutes(notice, now=clock.now()):
        offered = tuple(choice for choice in offered if choice is not ChangeChoice.SUBSTITUTE)  # nobody else sees patients that day
    hints = {choice.value: gettext(_HINTS[choice]) for choice in offered if choice in _HINTS}
    if kind in _KEEP_HINTS:
        hints[ChangeChoice.KEEP.value] = gettext(_KEEP_HINTS[kind])
    return ShownChange(
        notice=notice,
        heading=gettext(_KEPT[kind]),
        happened=_happened(notice),
        until=_until(notice),
        choices=tuple((choice.value, gettext(choice.label)) for choice in offered),
        hints=hints,
    )


def window_words(start: datetime, end: datetime) -> str:
    """``11月24日 周二 09:00–09:15`` as plain text, for labels and sentences."""
    return f"{day_text(start)} {window_text(start, end)}"


def doctor_names(practitioner_ids: set[UUID]) -> dict[UUID, str]:
    """Names of doctors by id."""
    return {id_: facts.name for id_, facts in organizations.facts_practitioners(practitioner_ids).items()}


def _happened(notice: NoticeFacts) -> str:
    change = notice.change
    window = window_words(notice.window_start, notice.window_end)
    if change.kind is ChangeKind.STOP:
        return gettext("%(when)s 的门诊不能开了，请不要按原来的时间来。") % {"when": window}
    if change.kind is ChangeKind.SUBSTITUTE:
        name = organizations.practitioner(change.substitute_id or change.practitioner_id).name
        return gettext("%(when)s 改由%(doctor)s医生出诊。") % {"when": window, "doctor": name}
    if change.kind is ChangeKind.ROOM:
        place = organizations.room(change.room_id).place_text if change.room_id else ""
        return gettext("%(when)s 改在%(room)s。") % {"when": window, "room": place}
    if change.delay_minutes is None:
        return gettext("医生临时离开，何时回来还不能确定。请先不要出门，有消息马上通知您。")
    if not change.delay_minutes:
        return gettext("医生已经回来，时间不变：%(when)s。") % {"when": window}
    return gettext("门诊延后 %(minutes)s 分钟，您的新时间：%(when)s。") % {"minutes": change.delay_minutes, "when": window}


def _until(notice: NoticeFacts) -> str:
    if not notice.waits_for_choice:
        return ""
    until = moment_text(changes.choose_until(notice))
    return gettext("请在 %(until)s 前选一个；到时没有选，会全额退费。") % {"until": until}
