"""Who waits for a place (候补), what may be offered, and where an entry stands."""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from django.db import connection
from django.db.models import Q, QuerySet

from jiuyi.domains.identity import queries as people
from jiuyi.domains.identity.words import Certainty
from jiuyi.domains.organizations import queries as organizations
from jiuyi.domains.scheduling import models
from jiuyi.domains.scheduling.queries.availability import SessionOffer, facts_session
from jiuyi.domains.scheduling.rules.cooling import offers_open
from jiuyi.domains.scheduling.rules.limits import Commitment, is_limited, patient_limits
from jiuyi.domains.scheduling.rules.waiting import FreeWindow, Waiter, next_entries
from jiuyi.domains.scheduling.rules.waiting import NextOffer as NextOffer  # noqa: PLC0414  # the journey names it
from jiuyi.domains.scheduling.words import (
    APPOINTMENT_BOOK,
    OPEN_STATES,
    BookingChannel,
    BookingLimits,
    HalfDay,
    OfferState,
    Reach,
    WaitingState,
    WaitingTerms,
)
from jiuyi.foundation import access, audit, rulebook
from jiuyi.foundation.access import Actor, ActorKind
from jiuyi.kernel.refusals import NotFound

LIVE = (WaitingState.WAITING, WaitingState.OFFERED)


@dataclass(frozen=True, slots=True)
class EntryFacts:
    """One entry of the list; ``ahead`` joined earlier and may want the same places, ``offer_id`` is its open offer."""

    entry_id: UUID
    person_id: UUID
    department_id: UUID
    practitioner_id: UUID | None
    first_day: date
    last_day: date
    half_days: tuple[HalfDay, ...]
    travel_minutes: int
    family_group: UUID | None
    reach: Reach
    account_id: UUID | None
    joined_at: datetime
    state: WaitingState
    offers_missed: int
    ahead: int
    offer_id: UUID | None
    offered_until: datetime | None


@dataclass(frozen=True, slots=True)
class OfferFacts:
    """One place that was offered."""

    offer_id: UUID
    entry_id: UUID
    appointment_id: UUID
    offered_at: datetime
    expires_at: datetime
    state: OfferState
    entry_state: WaitingState


def open_entry(actor: Actor, entry_id: UUID, *, now: datetime) -> EntryFacts:
    """One entry, for its reader; one row in the audit. NotFound for everybody else, as for an appointment."""
    found = facts_entry(entry_id)
    if actor.kind is ActorKind.PATIENT:
        if found.account_id != actor.id and people.facts_link(actor.id, found.person_id) is not Certainty.VERIFIED:
            raise NotFound
    elif not access.may(actor, APPOINTMENT_BOOK, found.department_id):
        raise NotFound
    audit.opened(actor, record="waiting", person_id=found.person_id, object_id=entry_id, now=now)
    return found


def open_offer(actor: Actor, offer_id: UUID, *, now: datetime) -> OfferFacts:
    """One offer, for whoever may open its entry. NotFound otherwise."""
    found = facts_offer(offer_id)
    open_entry(actor, found.entry_id, now=now)
    return found


def entries_of_account(actor: Actor, now: datetime) -> list[EntryFacts]:
    """What this account, or a verified member of it, waits for or waited for; live entries first, then the newest."""
    verified = [member.person_id for member in people.account_people(actor, now=now) if member.level is Certainty.VERIFIED]
    rows = models.WaitingEntry.objects.filter(Q(account_id=actor.id) | Q(person_id__in=verified)).order_by("-joined_at")[:50]
    return sorted(_entries(rows), key=lambda entry: entry.state not in LIVE)


def waiting_of_department(actor: Actor, department_id: UUID) -> list[EntryFacts]:
    """The live list of a department in its order, for staff who book there. Refuses ``not_allowed``."""
    access.require(actor, APPOINTMENT_BOOK, department_id)
    rows = models.WaitingEntry.objects.filter(department_id=department_id, state__in=LIVE).order_by("joined_at", "id")
    return _entries(rows)


def count_waiting(department_ids: Iterable[UUID]) -> dict[UUID, int]:
    """How many wait in each of some departments; those without anybody are left out."""
    rows = models.WaitingEntry.objects.filter(department_id__in=list(department_ids), state__in=LIVE)
    counted: dict[UUID, int] = {}
    for department_id in rows.values_list("department_id", flat=True):
        counted[department_id] = counted.get(department_id, 0) + 1
    return counted


def facts_entry(entry_id: UUID) -> EntryFacts:
    """One entry; NotFound otherwise."""
    found = _entries(models.WaitingEntry.objects.filter(pk=entry_id))
    if not found:
        raise NotFound
    return found[0]


def facts_offer(offer_id: UUID) -> OfferFacts:
    """One offer; NotFound otherwise."""
    return _offer(models.WaitingOffer.objects.filter(pk=offer_id))


def facts_offer_of_appointment(appointment_id: UUID) -> OfferFacts | None:
    """The offer an appointment came from, or None."""
    try:
        return _offer(models.WaitingOffer.objects.filter(appointment_id=appointment_id))
    except NotFound:
        return None


def facts_open_offers(appointment_ids: Iterable[UUID]) -> dict[UUID, UUID]:
    """The open offers of some appointments: appointment → offer."""
    rows = models.WaitingOffer.objects.filter(appointment_id__in=list(appointment_ids), state=OfferState.OPEN)
    return dict(rows.values_list("appointment_id", "pk"))


def departments_to_serve() -> list[UUID]:
    """Departments in which somebody waits, in the order of who waits longest."""
    rows = models.WaitingEntry.objects.filter(state=WaitingState.WAITING).order_by("joined_at")
    return list(dict.fromkeys(rows.values_list("department_id", flat=True)))


def entries_over(day: date, *, limit: int) -> list[UUID]:
    """Entries still waiting whose last day lies before ``day``."""
    rows = models.WaitingEntry.objects.filter(state=WaitingState.WAITING, last_day__lt=day)
    return list(rows.order_by("last_day").values_list("pk", flat=True)[:limit])


def offers_are_open(organization_id: UUID, *, now: datetime) -> bool:
    """Whether an institution offers places at this hour."""
    return offers_open(now, _terms(organization_id, now))


def next_turns(department_id: UUID, *, now: datetime, refused: Collection[tuple[UUID, UUID]] = ()) -> list[NextOffer]:
    """Whose turn it is in a department, and for which place; ``refused`` are (entry, session) that could not be served just now.

    Source: rule AP-10.
    """
    terms = _terms(organizations.department(department_id).organization_id, now)
    windows = windows_to_offer(department_id, now) if offers_open(now, terms) else []
    if not windows:
        return []
    sessions = [facts_session(session_id, now) for session_id in {window.session_id for window in windows}]
    waiters = [
        each.without({session_id for entry_id, session_id in refused if entry_id == each.entry_id})
        for each in facts_waiters(department_id, sessions, now=now)
    ]
    return next_entries(waiters, windows, now=now, terms=terms)


def windows_to_offer(department_id: UUID, now: datetime) -> list[FreeWindow]:
    """The department's given-up places that nobody has taken yet, cooling or on sale again, by window."""
    with connection.cursor() as cursor:
        cursor.execute(
            """
            SELECT s.id, s.practitioner_id, s.service_date, s.half_day, p.window_start, count(*)::int
            FROM scheduling_place p JOIN scheduling_clinicsession s ON s.id = p.session_id
            WHERE s.department_id = %(department)s AND s.status = 'open' AND NOT p.extra
                AND p.state = 'free' AND p.cooling_since IS NOT NULL AND p.window_start > %(now)s
                AND (p.pool = 'public' OR p.flows_back_at <= %(now)s)
            GROUP BY s.id, p.window_start ORDER BY p.window_start, s.id
            """,
            {"department": department_id, "now": now},
        )
        return [
            FreeWindow(session_id, practitioner_id, day, HalfDay(half_day), start, count)
            for session_id, practitioner_id, day, half_day, start, count in cursor.fetchall()
        ]


def facts_waiters(department_id: UUID, sessions: Sequence[SessionOffer], *, now: datetime) -> list[Waiter]:
    """Who waits in a department, with the sessions that a limit bars and the windows they let go before."""
    rows = list(models.WaitingEntry.objects.filter(department_id=department_id, state=WaitingState.WAITING))
    answered: dict[UUID, set[tuple[UUID, datetime]]] = {}
    offers = models.WaitingOffer.objects.filter(entry_id__in=[row.pk for row in rows])
    for entry_id, session_id, start in offers.values_list("entry_id", "appointment__session_id", "appointment__window_start"):
        answered.setdefault(entry_id, set()).add((session_id, start))
    return [
        Waiter(
            entry_id=row.id,
            joined_at=row.joined_at,
            practitioner_id=row.practitioner_id,
            first_day=row.first_day,
            last_day=row.last_day,
            half_days=frozenset(HalfDay(half) for half in row.half_days),
            travel_minutes=row.travel_minutes,
            family_group=row.family_group,
            barred=_barred(row.person_id, sessions, now=now),
            answered=frozenset(answered.get(row.id, ())),
        )
        for row in rows
    ]


def _terms(organization_id: UUID, now: datetime) -> WaitingTerms:
    return rulebook.rule(WaitingTerms, scope_id=organization_id, at=now).parameters


def _barred(person_id: UUID, sessions: Sequence[SessionOffer], *, now: datetime) -> frozenset[UUID]:
    booked = models.Appointment.objects.filter(person_id__in=people.same_person_ids(person_id), status__in=OPEN_STATES)
    counted = [
        (Commitment(day, department_id, practitioner_id), counts)
        for day, department_id, practitioner_id, counts in booked.values_list(
            "service_date", "department_id", "practitioner_id", "counts_to_limits"
        )
    ]
    barred = set()
    for session in sessions:
        parameters = rulebook.rule(BookingLimits, scope_id=session.organization_id, at=now).parameters
        wanted = Commitment(session.service_date, session.department_id, session.practitioner_id)
        same_day = any((each.day, each.department_id) == (wanted.day, wanted.department_id) for each, _ in counted)
        limited = is_limited(
            channel=BookingChannel.WAITING_LIST, number_class=session.number_class, department_name="", parameters=parameters
        )
        others = [each for each, counts in counted if counts]
        if same_day or (limited and patient_limits(others=others, wanted=wanted, parameters=parameters)):
            barred.add(session.session_id)
    return frozenset(barred)


def _offer(rows: "QuerySet[models.WaitingOffer]") -> OfferFacts:
    row = rows.select_related("entry").first()
    if row is None:
        raise NotFound
    return OfferFacts(
        offer_id=row.id,
        entry_id=row.entry_id,
        appointment_id=row.appointment_id,
        offered_at=row.offered_at,
        expires_at=row.expires_at,
        state=OfferState(row.state),
        entry_state=WaitingState(row.entry.state),
    )


def _entries(found: Iterable[models.WaitingEntry]) -> list[EntryFacts]:
    rows = list(found)
    open_offers = models.WaitingOffer.objects.filter(entry_id__in=[row.pk for row in rows], state=OfferState.OPEN)
    offers = {entry_id: (pk, until) for entry_id, pk, until in open_offers.values_list("entry_id", "pk", "expires_at")}
    return [
        EntryFacts(
            entry_id=row.id,
            person_id=row.person_id,
            department_id=row.department_id,
            practitioner_id=row.practitioner_id,
            first_day=row.first_day,
            last_day=row.last_day,
            half_days=tuple(HalfDay(half) for half in row.half_days),
            travel_minutes=row.travel_minutes,
            family_group=row.family_group,
            reach=Reach(row.reach),
            account_id=row.account_id,
            joined_at=row.joined_at,
            state=WaitingState(row.state),
            offers_missed=row.offers_missed,
            ahead=_ahead_of(row).count() if row.state in LIVE else 0,
            offer_id=offers.get(row.id, (None, None))[0],
            offered_until=offers.get(row.id, (None, None))[1],
        )
        for row in rows
    ]


def _ahead_of(row: models.WaitingEntry) -> "QuerySet[models.WaitingEntry]":
    """Those who joined earlier and whose wish meets this one: days in common, the same doctor or any, half-days in common."""
    rows = models.WaitingEntry.objects.filter(department_id=row.department_id, state__in=LIVE)
    rows = rows.filter(Q(joined_at__lt=row.joined_at) | Q(joined_at=row.joined_at, pk__lt=row.pk))
    rows = rows.filter(first_day__lte=row.last_day, last_day__gte=row.first_day)
    if row.practitioner_id:
        rows = rows.filter(Q(practitioner_id=None) | Q(practitioner_id=row.practitioner_id))
    if row.half_days:
        rows = rows.filter(Q(half_days=[]) | Q(half_days__overlap=row.half_days))
    if row.family_group:
        rows = rows.exclude(family_group=row.family_group)
    return rows
