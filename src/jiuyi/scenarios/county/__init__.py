"""Heling county: an invented county with two hospitals, seven townships, twenty villages and three thousand people."""

from datetime import date
from random import Random

from jiuyi.scenarios.county import accounts, clinics, institutions, places, practitioners, residents
from jiuyi.scenarios.county.departments import OPEN_CLINIC_CODE
from jiuyi.scenarios.county.world import OpenClinic, World

__all__ = ["World", "county"]


def county(seed: int, anchor: date) -> World:
    """The county on its anchor day, with two weeks of clinics from that day; a pure function of its two arguments.

    Each part draws from its own stream, so that a change in one does not shift the others.
    """
    made = institutions.build(seed, _stream(seed, "institutions"))
    practice = practitioners.appoint(made, _stream(seed, "practitioners"))
    accounts.add_colleagues(made, practice)
    templates, sessions = clinics.sessions(made, practice, anchor, _stream(seed, "clinics"))
    population = residents.settle(seed, anchor, _stream(seed, "residents"))
    open_department = made.department(institutions.GENERAL_HOSPITAL, OPEN_CLINIC_CODE)
    return World(
        seed=seed,
        anchor=anchor,
        county=places.COUNTY,
        root_name=places.CONSORTIUM,
        organizations=tuple(made.organizations),
        buildings=tuple(made.buildings),
        departments=tuple(made.departments),
        rooms=tuple(made.rooms),
        practitioners=tuple(practice.practitioners),
        practitioner_roles=tuple(practice.roles),
        templates=tuple(templates),
        sessions=tuple(sessions),
        residents=tuple(population.people),
        family_links=tuple(population.links),
        staff=tuple(accounts.staff(made, practice)),
        devices=tuple(accounts.devices(made)),
        open_clinic=OpenClinic(
            organization_id=open_department.organization_id,
            department_id=open_department.id,
            practitioner_ids=tuple(doctor.id for doctor in practice.by_department[open_department.id]),
            room_ids=tuple(room.id for room in made.rooms_of(open_department.id)),
        ),
        cast=tuple(population.cast),
    )


def _stream(seed: int, name: str) -> Random:
    return Random(f"{seed}/{name}")  # noqa: S311  # nothing here is a secret: it has to come out the same again
