"""Machines in the halls: a browser enrolled at a node acts there under a role of its own, without anybody signing in.

The browser keeps only the device's id, signed, in a cookie; what it may do stands in the row and ends when that is revoked.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final
from uuid import UUID

from django.db import transaction

from jiuyi.foundation import access, audit, journal, scopes
from jiuyi.foundation.access import Actor, ActorKind, Grant
from jiuyi.foundation.events import DeviceEnrolled, DeviceRevoked
from jiuyi.foundation.models import EnrolledDevice
from jiuyi.kernel.ids import new_id
from jiuyi.kernel.refusals import Invalid, NotFound, Refusal
from jiuyi.kernel.text import gettext_noop

ENROL_DEVICES: Final = "device.enrol"
KIOSK: Final = "kiosk"
PARTNER: Final = "partner"  # another house's booking platform, which signs what it asks (foundation.machine_keys)
DEVICE_ROLES: Final = frozenset({KIOSK, PARTNER})  # never a role of people: whoever enrols must not lend out more than a machine needs
WRONG_TRIES: Final = 5
LOCK_TIME: Final = timedelta(minutes=5)
LABEL_CHARACTERS: Final = 80


class DeviceLocked(Refusal):
    """Too many wrong entries at this device; ``minutes`` until the next."""

    code = "device_locked"
    message = gettext_noop("输错次数太多，请在{minutes}分钟后再试，或到服务台请工作人员帮您办理。")
    status = 429


@dataclass(frozen=True, slots=True)
class DeviceRow:
    """One enrolled device."""

    device_id: UUID
    node_id: UUID
    node_name: str
    role: str
    label: str
    enrolled_at: datetime
    locked_until: datetime | None


def enrol(*, actor: Actor, now: datetime, node_id: UUID, role: str, label: str) -> UUID:
    """Let a machine act at a node under a role made for devices; privileged, so the audit has it.

    Refusals: ``not_allowed``, ``not_found`` (node), ``invalid`` (empty or too long label, no such role for devices).
    """
    scopes.path(node_id)
    access.require(actor, ENROL_DEVICES, node_id)
    label = label.strip()
    if not label or len(label) > LABEL_CHARACTERS:
        raise Invalid(fields={"label": gettext_noop("请写明这台设备放在哪里，最长80个字，例如“门诊大厅1号机”。")})
    if role not in DEVICE_ROLES or role not in access.registered_roles():
        raise Invalid(fields={"role": gettext_noop("没有这个角色，请从列表中选择。")})
    with transaction.atomic():
        device = EnrolledDevice.objects.create(id=new_id(), node_id=node_id, role=role, label=label, enrolled_by=actor.id, enrolled_at=now)
        journal.record(DeviceEnrolled(device_id=device.id, scope_id=node_id), actor=actor, now=now)
        audit.privileged(actor, act="device.enrol", object_id=device.id, reason=role, now=now)
    return device.id


def revoke(*, actor: Actor, now: datetime, device_id: UUID) -> None:
    """End a device's right to act, at once; twice is once. Refusals: ``not_allowed``, ``not_found``."""
    with transaction.atomic():
        device = EnrolledDevice.objects.select_for_update().filter(id=device_id).first()
        if device is None:
            raise NotFound
        access.require(actor, ENROL_DEVICES, device.node_id)
        if device.revoked_at is not None:
            return
        device.revoked_by, device.revoked_at = actor.id, now
        device.save(update_fields=["revoked_by", "revoked_at"])
        journal.record(DeviceRevoked(device_id=device.id, scope_id=device.node_id), actor=actor, now=now)
        audit.privileged(actor, act="device.revoke", object_id=device.id, now=now)


def actor_of_device(device_id: UUID, request_id: UUID | None) -> Actor | None:
    """The device as an actor with its one role at its node; None for an unknown or revoked one."""
    found = EnrolledDevice.objects.filter(id=device_id, revoked_at=None).values_list("role", "node_id", "node__path").first()
    if found is None:
        return None
    role, node_id, path = found
    return Actor(ActorKind.DEVICE, device_id, frozenset({Grant(role, node_id, tuple(path))}), request_id)


def device(device_id: UUID) -> DeviceRow:
    """One device in use. Refuses ``not_found`` for an unknown or revoked one."""
    found = EnrolledDevice.objects.select_related("node").filter(id=device_id, revoked_at=None).first()
    if found is None:
        raise NotFound
    return _row(found)


def devices_at(node_id: UUID, *, role: str) -> list[DeviceRow]:
    """The devices of a role in use at a node, newest first."""
    rows = EnrolledDevice.objects.select_related("node").filter(node_id=node_id, role=role, revoked_at=None)
    return [_row(each) for each in rows.order_by("-enrolled_at", "-id")]


def require_unlocked(*, device_id: UUID, now: datetime) -> None:
    """Refuse (``device_locked``) while the device is locked."""
    until = EnrolledDevice.objects.filter(id=device_id, locked_until__gt=now).values_list("locked_until", flat=True).first()
    if until is not None:
        raise DeviceLocked(minutes=_minutes(until - now))


def note_wrong(*, device_id: UUID, now: datetime) -> bool:
    """Count a wrong entry; True when this one locked the device (the ``WRONG_TRIES``-th in a row)."""
    with transaction.atomic():
        row = EnrolledDevice.objects.select_for_update().filter(id=device_id).first()
        if row is None:
            raise NotFound
        row.wrong_tries += 1
        locks = row.wrong_tries >= WRONG_TRIES
        if locks:
            row.wrong_tries, row.locked_until = 0, now + LOCK_TIME
        row.save(update_fields=["wrong_tries", "locked_until"])
    return locks


def note_right(*, device_id: UUID) -> None:
    """Forget the wrong entries after a right one."""
    EnrolledDevice.objects.filter(id=device_id).exclude(wrong_tries=0).update(wrong_tries=0)


def _minutes(rest: timedelta) -> int:
    """Whole minutes, rounded up: never promise too little."""
    return -int(-rest.total_seconds() // 60)


def _row(row: EnrolledDevice) -> DeviceRow:
    return DeviceRow(row.id, row.node_id, row.node.name, row.role, row.label, row.enrolled_at, row.locked_until)
