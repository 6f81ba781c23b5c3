"""What the phone, the doctor's list and the wall say of a queue; names only where they may stand."""

from datetime import timedelta

import pytest

from jiuyi.domains.queueing import queries
from jiuyi.domains.queueing.words import Place, TicketCategory, TicketStatus
from jiuyi.foundation import audit
from jiuyi.kernel.ids import new_id
from jiuyi.kernel.refusals import NotAllowed, NotFound
from tests.factories import rooms
from tests.factories.rooms import NOW

pytestmark = pytest.mark.django_db

MINUTE = timedelta(minutes=1)


@pytest.fixture
def room(db):
    return rooms.waiting_room()


@pytest.mark.catalogue("C30", part="people ahead by the order of calling")
def test_people_ahead_counts_by_the_order_of_calling(room):
    tickets = [rooms.waits(room, person, now=NOW + n * MINUTE) for n, person in enumerate(rooms.crowd(room, 3))]
    acute = rooms.waits(room, rooms.somebody(room, "钱进"), now=NOW + 5 * MINUTE, category=TicketCategory.ACUTE, reason="胸痛")
    ahead = [queries.people_ahead(t.ticket_id, now=NOW + 6 * MINUTE) for t in (*tickets, acute)]
    assert ahead == [1, 2, 3, 0]
    rooms.called(room, now=NOW + 6 * MINUTE)
    assert [queries.people_ahead(t.ticket_id, now=NOW + 6 * MINUTE) for t in (*tickets, acute)] == [0, 1, 2, 0]


def test_the_doctors_list_has_names_reasons_and_one_access_row(room):
    rooms.waits(room, rooms.somebody(room, "王小明"))
    rooms.waits(room, rooms.somebody(room, "李大山"), category=TicketCategory.ACUTE, reason="胸痛")
    rows = queries.waiting(room.doctor, room.queue_id, room.practitioner_id, now=NOW)
    assert [(row.position, row.name, row.place) for row in rows] == [(1, "李大山", Place.ACUTE), (2, "王小明", Place.WALK_IN)]
    queries.waiting(room.doctor, room.queue_id, room.practitioner_id, now=NOW)
    assert len(audit.entries(request_id=room.doctor.request_id)) == 1
    with pytest.raises(NotAllowed):
        queries.waiting(room.clerk, room.queue_id, room.practitioner_id, now=NOW)


def test_the_wall_masks_names_and_shows_the_next_two(room):
    for n, name in enumerate(("王小明", "李大山", "欧阳明月", "赵云")):
        rooms.waits(room, rooms.somebody(room, name), now=NOW + n * MINUTE)
    empty = queries.wall([room.queue_id], now=NOW + 5 * MINUTE)
    assert (empty.rows, empty.waiting_count, empty.waiting[0].label) == ((), 4, "A001")
    rooms.called(room, now=NOW + 5 * MINUTE)
    board = queries.wall([room.queue_id], now=NOW + 6 * MINUTE)
    (row,) = board.rows
    assert (row.room_name, row.practitioner_name, row.current.label, row.status) == ("3诊室", "林安宁", "A001", TicketStatus.CALLED)
    assert [t.label for t in row.next] == ["A002", "A003"]
    shown = [row.current.masked_name, *(t.masked_name for t in row.next), *(t.masked_name for t in board.waiting)]
    assert shown[0] == "王*明"
    assert not {"王小明", "李大山", "欧阳明月", "赵云"} & set(shown)
    assert (board.at, board.areas) == (NOW + 6 * MINUTE, ("门诊三楼东",))


def test_tickets_that_do_not_exist_are_not_found(room):
    for read in (queries.facts_ticket, queries.queue, queries.queue_of_department):
        with pytest.raises(NotFound):
            read(new_id())
