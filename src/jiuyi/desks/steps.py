"""A step of the worklist in words, the same on the phone, on the slip and at the desk."""

from dataclasses import dataclass
from uuid import UUID

from django.urls import reverse
from django.utils.translation import gettext

from jiuyi.domains.organizations.words import RoomKind
from jiuyi.journeys.worklist_rules import Step, StepKind
from jiuyi.kit.formats import clock_text, moment_text
from jiuyi.kit.tags.reading import when


@dataclass(frozen=True, slots=True)
class ShownStep:
    """What the card of a step shows; each part may be empty."""

    kind: StepKind
    title: str
    where: str
    when: str
    prepare: str
    cost_fen: int
    ahead: int | None
    action: str
    url: str


def shown(step: Step, *, person_id: UUID, with_links: bool = True) -> ShownStep:
    """The step in the active language; links lead to the patient's own pages, paper has none."""
    return ShownStep(
        kind=step.kind,
        title=_title(step),
        where=""
        if _stopped(step)
        else gettext("，").join(filter(None, (step.place.institution, _place_name(step.place.name), step.place.directions))),
        when=_when(step),
        prepare=_prepare(step),
        cost_fen=step.cost_fen,
        ahead=step.ahead,
        action=_action(step),
        url=_url(step, person_id) if with_links else "",
    )


def _place_name(name: str) -> str:
    """Where nobody has entered the room, its kind stands for it; names that somebody gave stay as they are."""
    return gettext(name) if any(name == kind.label for kind in RoomKind) else name


def _stopped(step: Step) -> bool:
    """Whether the visit will not be: only then is there a day by which to choose, and nobody may be sent to the old place."""
    return step.kind is StepKind.CHANGED and step.deadline is not None


def _title(step: Step) -> str:
    title = gettext("停诊了，请不要来，先选怎么办") if _stopped(step) else gettext(step.title)
    return gettext("%(title)s：%(number)s") % {"title": title, "number": step.ticket_label} if step.ticket_label else title


def _when(step: Step) -> str:
    if step.deadline is not None:
        time = moment_text(step.deadline) if step.kind is StepKind.CHANGED else clock_text(step.deadline)
        return gettext("请在 %(time)s 前完成") % {"time": time}
    return when(*step.when) if step.when else ""


def _prepare(step: Step) -> str:
    if step.kind in {StepKind.COME, StepKind.CHECK_IN, StepKind.PAY_AT_DESK}:
        return gettext("身份证或医保卡、以前的病历和检查单")
    return gettext("、").join(step.names)


def _action(step: Step) -> str:
    if step.kind in {StepKind.PAY_HOLD, StepKind.PAY_AT_DESK, StepKind.PAY_ORDERS}:
        return gettext("去支付")
    if step.kind is StepKind.OFFER:
        return gettext("看这个号，要还是不要")
    if step.kind is StepKind.CHANGED:
        return gettext("看变动，选办法")
    if step.kind in {StepKind.COME, StepKind.CHECK_IN}:
        return gettext("看预约凭证")
    return ""


def _url(step: Step, person_id: UUID) -> str:
    if step.kind is StepKind.PAY_ORDERS:
        return reverse("patient:bill", args=[person_id])
    if step.offer_id is not None:
        return reverse("patient:offer", args=[step.offer_id])
    if step.appointment_id is None or not _action(step):
        return ""
    if step.kind is StepKind.CHANGED:
        return reverse("patient:change", args=[step.appointment_id])
    page = "patient:appointment" if step.kind in {StepKind.COME, StepKind.CHECK_IN} else "patient:pay_appointment"
    return reverse(page, args=[step.appointment_id])
