"""Tables of the scheduling department."""

from jiuyi.domains.scheduling.models.allowances import SourceAllowance
from jiuyi.domains.scheduling.models.changes import AppointmentMove, ChangeNotice, SessionChange
from jiuyi.domains.scheduling.models.conduct import AbsenceExcuse, Appeal, ReviewCase, Suspension
from jiuyi.domains.scheduling.models.demand import CapacityProposal, DemandForecast
from jiuyi.domains.scheduling.models.passes import BookingPass, DrawEntry, PersonAllowance
from jiuyi.domains.scheduling.models.places import Appointment, ClinicSession, Place
from jiuyi.domains.scheduling.models.timetable import CalendarDay, ScheduleTemplate, TemplateException
from jiuyi.domains.scheduling.models.trips import Trip, TripSeat
from jiuyi.domains.scheduling.models.waiting import WaitingEntry, WaitingOffer

__all__ = [
    "AbsenceExcuse",
    "Appeal",
    "Appointment",
    "AppointmentMove",
    "BookingPass",
    "CalendarDay",
    "CapacityProposal",
    "ChangeNotice",
    "ClinicSession",
    "DemandForecast",
    "DrawEntry",
    "PersonAllowance",
    "Place",
    "ReviewCase",
    "ScheduleTemplate",
    "SessionChange",
    "SourceAllowance",
    "Suspension",
    "TemplateException",
    "Trip",
    "TripSeat",
    "WaitingEntry",
    "WaitingOffer",
]
