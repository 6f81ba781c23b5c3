"""Who listens to what: the one visible table of upward talk (law 3). Everything else that must be atomic is one journey function."""

from jiuyi.domains.queueing import events as queueing
from jiuyi.domains.scheduling import events as scheduling
from jiuyi.domains.scheduling.events import conduct, waiting
from jiuyi.domains.scheduling.events.draw import DrawDecided
from jiuyi.domains.scheduling.events.moving import AppointmentMoved
from jiuyi.domains.scheduling.events.timetable import VisitDetailsChanged
from jiuyi.foundation.events import RuleChanged
from jiuyi.foundation.journal import Listener, When
from jiuyi.journeys import absent_fees, conduct_telling, reaching, release_telling, releasing, telling, waiting_telling

LISTENERS: tuple[Listener, ...] = (
    Listener(scheduling.PlaceClaimed.name, release_telling.claimed, When.AFTER_COMMIT),
    Listener(scheduling.PlaceClaimed.name, telling.booked, When.AFTER_COMMIT),
    Listener(DrawDecided.name, release_telling.drawn, When.AFTER_COMMIT),
    Listener(scheduling.AppointmentConfirmed.name, telling.booked, When.AFTER_COMMIT),
    Listener(scheduling.AppointmentCancelled.name, telling.cancelled, When.AFTER_COMMIT),
    Listener(AppointmentMoved.name, telling.moved, When.AFTER_COMMIT),
    Listener(scheduling.HoldReleased.name, telling.expired, When.AFTER_COMMIT),
    Listener(scheduling.ClinicSessionStopped.name, reaching.tell_of_change, When.AFTER_COMMIT),
    Listener(scheduling.SessionSubstituted.name, reaching.tell_of_change, When.AFTER_COMMIT),
    Listener(scheduling.SessionDelayed.name, reaching.tell_of_change, When.AFTER_COMMIT),
    Listener(scheduling.RoomChanged.name, reaching.tell_of_change, When.AFTER_COMMIT),
    Listener(waiting.PlaceOffered.name, waiting_telling.offered, When.AFTER_COMMIT),
    Listener(waiting.OfferAnswered.name, waiting_telling.answered, When.AFTER_COMMIT),
    Listener(waiting.WaitingEnded.name, waiting_telling.ended, When.AFTER_COMMIT),
    Listener(VisitDetailsChanged.name, telling.visit_details_changed, When.AFTER_COMMIT),
    Listener(RuleChanged.name, releasing.rule_changed, When.AFTER_COMMIT),
    Listener(scheduling.PatientAbsent.name, absent_fees.forgo, When.AFTER_COMMIT),
    Listener(conduct.RemoteBookingSuspended.name, conduct_telling.suspended, When.AFTER_COMMIT),
    Listener(conduct.RemoteBookingRestored.name, conduct_telling.restored, When.AFTER_COMMIT),
    Listener(conduct.AppealAnswered.name, conduct_telling.answered, When.AFTER_COMMIT),
    Listener(queueing.Called.name, telling.called, When.AFTER_COMMIT),
)
