"""Deciding a change of a session: what it would mean for whom, before anybody is told, and then the change itself."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.db import transaction

from jiuyi.domains.identity import queries as people
from jiuyi.domains.scheduling import queries as schedule
from jiuyi.domains.scheduling.queries import changes
from jiuyi.domains.scheduling.queries.changes import NoticeFacts
from jiuyi.domains.scheduling.words import SESSION_PUBLISH, ChangeKind
from jiuyi.foundation import access
from jiuyi.foundation.access import Actor
from jiuyi.journeys import changing, reaching
from jiuyi.journeys.reaching import Way
from jiuyi.journeys.reaching_rules import Whereabouts


@dataclass(frozen=True, slots=True, kw_only=True)
class Wish:
    """A change that somebody thinks of. ``minutes`` None with a delay: away until unknown."""

    kind: ChangeKind
    reason: str
    practitioner_id: UUID | None = None
    minutes: int | None = None
    room_id: UUID | None = None


@dataclass(frozen=True, slots=True)
class Affected:
    """One person whom a change concerns, as a list shows them: masked, with the way they are told and what it collides with."""

    notice: NoticeFacts
    masked_name: str
    village: str
    before: tuple[datetime, datetime]
    way: Way
    whereabouts: Whereabouts
    collides_at: datetime | None


def decide(*, actor: Actor, now: datetime, session_id: UUID, wish: Wish) -> UUID:
    """Change the session as wished; the id of the change. Refuses what the change refuses."""
    if wish.kind is ChangeKind.STOP:
        changing.stop(actor=actor, now=now, session_id=session_id, reason=wish.reason)
    elif wish.kind is ChangeKind.SUBSTITUTE and wish.practitioner_id is not None:
        changing.substitute(actor=actor, now=now, session_id=session_id, practitioner_id=wish.practitioner_id, reason=wish.reason)
    elif wish.kind is ChangeKind.DELAY:
        changing.delay(actor=actor, now=now, session_id=session_id, minutes=wish.minutes, reason=wish.reason)
    elif wish.kind is ChangeKind.ROOM and wish.room_id is not None:
        changing.move_room(actor=actor, now=now, session_id=session_id, room_id=wish.room_id, reason=wish.reason)
    else:
        message = "a substitute needs a doctor, another room needs a room"
        raise ValueError(message)
    return changes.changes_of_session(session_id)[0].change_id


def preview(*, actor: Actor, now: datetime, session_id: UUID, wish: Wish) -> list[Affected]:
    """Whom the change would concern, how each would be told, whom it makes collide: the change is made and taken back again.

    So the list is the truth and not a second opinion. Refuses what the change refuses.
    """
    before = {
        each.appointment_id: (each.window_start, each.window_end)
        for each in schedule.facts_appointments_of_session(session_id, live_only=False)
    }
    with transaction.atomic():
        change_id = decide(actor=actor, now=now, session_id=session_id, wish=wish)
        found = affected_by(actor=actor, now=now, change_id=change_id, before=before)
        transaction.set_rollback(True)
    return found


def affected_by(
    *, actor: Actor, now: datetime, change_id: UUID, before: dict[UUID, tuple[datetime, datetime]] | None = None
) -> list[Affected]:
    """Everybody whom a change concerns, in order of time; names masked. Refuses ``not_allowed`` without the right to change sessions."""
    access.require(actor, SESSION_PUBLISH, changes.facts_change(change_id).department_id)
    notices = changes.facts_notices_of_change(change_id)
    persons = people.facts_people({each.person_id for each in notices})
    visits = {each.appointment_id: each for each in schedule.facts_appointments([each.appointment_id for each in notices])}
    others = {
        each.appointment_id: each.window_start
        for each in schedule.facts_appointments([n.collides_with for n in notices if n.collides_with])
    }
    return [
        Affected(
            notice=each,
            masked_name=persons[each.person_id].masked_name,
            village=persons[each.person_id].village,
            before=(before or {}).get(each.appointment_id, (each.window_start, each.window_end)),
            way=reaching.way_to(each.person_id, each.account_id, now=now),
            whereabouts=reaching.whereabouts(visits[each.appointment_id]),
            collides_at=others.get(each.collides_with) if each.collides_with else None,
        )
        for each in notices
    ]
