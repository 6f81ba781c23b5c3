"""Which desks an account's roles open."""

from dataclasses import dataclass
from typing import Final
from uuid import UUID

from django.urls import NoReverseMatch, reverse
from django.utils.translation import gettext

from jiuyi.domains.encounters import words as encounters
from jiuyi.domains.identity import words as identity
from jiuyi.domains.organizations.queries import practitioner_of_user
from jiuyi.domains.organizations.words import StaffRole
from jiuyi.domains.scheduling import words as scheduling
from jiuyi.foundation import access
from jiuyi.foundation.access import Actor
from jiuyi.kernel.text import gettext_noop


@dataclass(frozen=True, slots=True)
class Door:
    """A desk that may be entered."""

    title: str
    meta: str
    url: str
    icon: str


# view, title, what it is for, icon, any of these permissions
_DESKS: Final = (
    ("clerk:home", gettext_noop("挂号收费窗口"), gettext_noop("签到、挂号、核验、收费"), "people", {identity.PERSON_VERIFY}),
    ("operator:home", gettext_noop("电话预约台"), gettext_noop("接电话、找人、预约、取消、候补、回电"), "people", {scheduling.PHONE_DESK}),
    ("village:home", gettext_noop("村医集中预约"), gettext_noop("一车人一起约上级医院、打印行程单"), "list", {scheduling.TRIP_PLAN}),
    ("doctor:room", gettext_noop("医生诊室"), gettext_noop("叫号、接诊、病历、医嘱、复诊预约"), "doctor", {encounters.ENCOUNTER_CONDUCT}),
    ("conduct:appeals", gettext_noop("申诉与核查"), gettext_noop("爽约申诉、异常预约"), "people", {scheduling.APPEAL_DECIDE}),
    (
        "secretary:week",
        gettext_noop("科室排班"),
        gettext_noop("一周班次、固定班次、停诊替诊、生成班次"),
        "calendar",
        {scheduling.SESSION_PUBLISH},
    ),
    (
        "admin:home",
        gettext_noop("管理台"),
        gettext_noop("规则、消息、账号、审计、运行情况"),
        "list",
        {access.CHANGE_RULES, access.CREATE_STAFF, access.ASSIGN_ROLES, access.READ_AUDIT},
    ),
)


def doors_of(actor: Actor) -> list[Door]:
    """The desks that the actor's roles open and that this installation has, in a fixed order."""
    found = []
    for view, title, meta, icon, permissions in _DESKS:
        if not any(access.may_somewhere(actor, permission) for permission in permissions):
            continue
        if view == "doctor:room" and practitioner_of_user(actor.id) is None:
            continue
        try:
            found.append(Door(gettext(title), gettext(meta), reverse(view), icon))
        except NoReverseMatch:
            continue
    return found


def roles_in_words(user_id: UUID) -> list[tuple[str, str]]:
    """The account's roles and where each is held."""
    labels = {role.value: gettext(role.label) for role in StaffRole}
    return [(labels.get(row.role, row.role), row.node_name) for row in access.roles_of(user_id)]
