"""Machines in the halls: enrolled by somebody who may, with a role made for machines only, locked after wrong entries, revoked at once."""

from datetime import timedelta

import pytest

from jiuyi.foundation import access, audit, enrolled_devices, scopes
from jiuyi.foundation.access import SYSTEM, ActorKind
from jiuyi.foundation.enrolled_devices import KIOSK, LOCK_TIME, WRONG_TRIES, DeviceLocked
from jiuyi.foundation.models import EnrolledDevice
from jiuyi.kernel.ids import new_id
from jiuyi.kernel.refusals import Invalid, NotAllowed, NotFound
from tests.factories import institutions
from tests.factories.institutions import NOW

pytestmark = pytest.mark.django_db


@pytest.fixture
def county(db):
    scopes.forget()
    return institutions.build_county()


@pytest.fixture
def clerk(county):
    return institutions.staff_actor("clerk", county.hospital_id)


def enrol(clerk, county, **changes):
    values = {"actor": clerk, "now": NOW, "node_id": county.hospital_id, "role": KIOSK, "label": "门诊大厅1号机"} | changes
    return enrolled_devices.enrol(**values)


def test_an_enrolled_device_acts_at_its_node_under_its_role(clerk, county):
    device_id = enrol(clerk, county)
    actor = enrolled_devices.actor_of_device(device_id, new_id())
    assert actor.kind is ActorKind.DEVICE
    assert access.may(actor, "queue.check_in", county.medicine_id)
    assert not access.may(actor, "queue.check_in", county.township_id)
    assert not access.may(actor, "person.search", county.hospital_id)
    assert [row.act for row in audit.entries(object_id=device_id)] == ["device.enrol"]
    assert [row.label for row in enrolled_devices.devices_at(county.hospital_id, role=KIOSK)] == ["门诊大厅1号机"]


@pytest.mark.parametrize(
    ("_case", "changes", "refusal", "field"),
    [
        ("a role of people", {"role": "clerk"}, Invalid, "role"),
        ("an unknown role", {"role": "robot"}, Invalid, "role"),
        ("no label", {"label": "  "}, Invalid, "label"),
        ("a long label", {"label": "机" * 81}, Invalid, "label"),
        ("an unknown node", {"node_id": new_id()}, NotFound, None),
    ],
)
def test_what_cannot_be_enrolled(clerk, county, _case, changes, refusal, field):
    with pytest.raises(refusal) as raised:
        enrol(clerk, county, **changes)
    assert field is None or field in raised.value.fields
    assert not EnrolledDevice.objects.exists()


def test_only_who_may_enrols_and_only_where(clerk, county):
    for actor, node in ((institutions.staff_actor("doctor", county.hospital_id), county.hospital_id), (clerk, county.township_id)):
        with pytest.raises(NotAllowed):
            enrol(actor, county, node_id=node)
    assert not EnrolledDevice.objects.exists()


def test_a_revoked_device_is_nobody(clerk, county):
    device_id = enrol(clerk, county)
    with pytest.raises(NotAllowed):
        enrolled_devices.revoke(actor=institutions.staff_actor("clerk", county.township_id), now=NOW, device_id=device_id)
    enrolled_devices.revoke(actor=clerk, now=NOW, device_id=device_id)
    enrolled_devices.revoke(actor=clerk, now=NOW, device_id=device_id)
    assert enrolled_devices.actor_of_device(device_id, None) is None
    assert enrolled_devices.devices_at(county.hospital_id, role=KIOSK) == []
    assert sorted(row.act for row in audit.entries(object_id=device_id)) == ["device.enrol", "device.revoke"]
    with pytest.raises(NotFound):
        enrolled_devices.device(device_id)
    with pytest.raises(NotFound):
        enrolled_devices.revoke(actor=SYSTEM, now=NOW, device_id=new_id())


def test_five_wrong_entries_in_a_row_lock_the_device_for_a_while(clerk, county):
    device_id = enrol(clerk, county)
    other_id = enrol(clerk, county, label="门诊大厅2号机")
    locked = [enrolled_devices.note_wrong(device_id=device_id, now=NOW) for _ in range(WRONG_TRIES)]
    assert locked == [False, False, False, False, True]
    for rest, minutes in ((timedelta(0), 5), (LOCK_TIME - timedelta(seconds=1), 1)):
        with pytest.raises(DeviceLocked) as raised:
            enrolled_devices.require_unlocked(device_id=device_id, now=NOW + rest)
        assert raised.value.data == {"minutes": minutes}
    enrolled_devices.require_unlocked(device_id=device_id, now=NOW + LOCK_TIME)
    enrolled_devices.require_unlocked(device_id=other_id, now=NOW)


def test_a_right_entry_wipes_the_wrong_ones(clerk, county):
    device_id = enrol(clerk, county)
    for _ in range(WRONG_TRIES - 1):
        enrolled_devices.note_wrong(device_id=device_id, now=NOW)
    enrolled_devices.note_right(device_id=device_id)
    assert not enrolled_devices.note_wrong(device_id=device_id, now=NOW)
    enrolled_devices.require_unlocked(device_id=device_id, now=NOW)
