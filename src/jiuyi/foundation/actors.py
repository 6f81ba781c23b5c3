"""Who acts."""

from dataclasses import dataclass
from typing import Final
from uuid import UUID, uuid5

from jiuyi.kernel.text import gettext_noop
from jiuyi.kernel.words import Word

_SYSTEM_NAMESPACE: Final = UUID("6f6b8f5e-52a0-4c57-9a53-6a6979756973")


class ActorKind(Word):
    """What kind of being acts."""

    STAFF = "staff", gettext_noop("工作人员")
    PATIENT = "patient", gettext_noop("患者")
    DEVICE = "device", gettext_noop("设备")
    SYSTEM = "system", gettext_noop("系统")


@dataclass(frozen=True, slots=True)
class Grant:
    """A role held at a node; ``path`` is the node's ids from the root down."""

    role: str
    node_id: UUID
    path: tuple[UUID, ...]


@dataclass(frozen=True, slots=True)
class Actor:
    """Who acts: a staff account, a patient's account, a device, or the house itself; and in which request."""

    kind: ActorKind
    id: UUID
    grants: frozenset[Grant] = frozenset()
    request_id: UUID | None = None


def system(name: str) -> Actor:
    """The house acting by itself under a name (``"listeners"``): the same name is always the same id."""
    return Actor(ActorKind.SYSTEM, uuid5(_SYSTEM_NAMESPACE, name))


SYSTEM: Final = system("jiuyi")
