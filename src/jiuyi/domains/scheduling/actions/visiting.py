"""Changing what people are told about a visiting expert's session."""

from datetime import datetime
from uuid import UUID

from django.db import transaction

from jiuyi.domains.scheduling.actions.sessions import lock_session
from jiuyi.domains.scheduling.events.timetable import VisitDetailsChanged
from jiuyi.domains.scheduling.words import SESSION_PUBLISH, BadSession, SessionKind
from jiuyi.foundation import access, journal
from jiuyi.foundation.access import Actor
from jiuyi.kernel.text import gettext_noop


@transaction.atomic
def change_visit_details(*, actor: Actor, now: datetime, session_id: UUID, contact: str, how_to_book: str) -> bool:
    """Change contact and way to book of a visiting session; whether anything was different. Everybody booked is told then.

    Neither may become empty: ``scheduling.bad_session`` names each.  Source: C14.
    """
    session = lock_session(session_id)
    access.require(actor, SESSION_PUBLISH, session.department_id)
    contact, how_to_book = contact.strip(), how_to_book.strip()
    fields = {}
    if session.kind != SessionKind.CLINIC and not contact:
        fields["contact"] = gettext_noop("请填写联系人或咨询电话。")
    if session.kind != SessionKind.CLINIC and not how_to_book:
        fields["how_to_book"] = gettext_noop("请填写怎样预约。")
    if fields:
        raise BadSession(fields=fields)
    changed = (session.contact != contact, session.how_to_book != how_to_book)
    if not any(changed):
        return False
    session.contact, session.how_to_book = contact, how_to_book
    session.save(update_fields=["contact", "how_to_book"])
    told = VisitDetailsChanged(session_id=session_id, contact=changed[0], how_to_book=changed[1], scope_id=session.organization_id)
    journal.record(told, actor=actor, now=now)
    return True
