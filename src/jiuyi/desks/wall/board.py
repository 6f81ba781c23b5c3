"""The board of one queue as every door shows it: the page, the fragment that is polled, and the stream."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.template.loader import render_to_string

from jiuyi.domains.queueing import queries as queues
from jiuyi.domains.queueing.queries import Wall


@dataclass(frozen=True, slots=True)
class BoardRow:
    """One room in the shape of the kit's calling board."""

    room: str
    practitioner: str
    label: str
    name: str
    passed: bool
    next: tuple[tuple[str, str], ...]


def rows_of(wall: Wall) -> list[BoardRow]:
    """The rooms of a wall; nothing but numbers and masked names."""
    return [
        BoardRow(
            room=row.room_name,
            practitioner=row.practitioner_name,
            label=row.current.label if row.current else "",
            name=row.current.masked_name if row.current else "",
            passed=False,
            next=tuple((each.label, each.masked_name) for each in row.next),
        )
        for row in wall.rows
    ]


def fragment(queue_id: UUID, *, now: datetime) -> str:
    """The board as HTML; equal for equal states, so that an unchanged board is not sent again."""
    wall = queues.wall([queue_id], now=now)
    return render_to_string("wall/board.html", {"rows": rows_of(wall), "waiting": wall.waiting, "waiting_count": wall.waiting_count})
