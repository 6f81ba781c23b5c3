"""When the line or the printer is down: today's lists as PDF in a local folder, before opening and every half hour.

One file per department and day, with a line for each live appointment and room to tick by hand. Names are masked as in
lists (rule DS-6): enough to find somebody who says name and voucher, too little for a lost sheet to hurt.
"""

from datetime import datetime
from pathlib import Path
from uuid import UUID

from django.template.loader import render_to_string

from jiuyi.domains.identity import queries as people
from jiuyi.domains.organizations import queries as organizations
from jiuyi.domains.scheduling import queries as schedule
from jiuyi.foundation import files
from jiuyi.foundation.access import SYSTEM, Actor
from jiuyi.kernel.clock import service_date

FOLDER = "paper"


def write_all(*, now: datetime, actor: Actor = SYSTEM) -> list[Path]:
    """Write today's list of every department that has appointments; returns the files. Older files are replaced in one step."""
    written = []
    for hospital in organizations.organizations():
        rows = schedule.day_list(actor, hospital.id, service_date(now))
        for department_id in dict.fromkeys(row.department_id for row in rows):
            mine = [row for row in rows if row.department_id == department_id]
            written.append(_write(hospital.short_name or hospital.name, department_id, mine, now=now))
    return written


def last_written() -> datetime | None:
    """When the newest paper list was written; None before the first."""
    return files.newest_at(FOLDER)


def _write(hospital: str, department_id: UUID, rows: list[schedule.DayListRow], *, now: datetime) -> Path:
    from weasyprint import HTML  # noqa: PLC0415  # heavy: only the worker needs it

    department = organizations.department(department_id)
    persons = people.facts_people({row.person_id for row in rows})
    doctors = organizations.facts_practitioners({row.practitioner_id for row in rows})
    rooms = organizations.facts_rooms({row.room_id for row in rows if row.room_id})
    page = render_to_string(
        "journeys/paper_list.html",
        {
            "hospital": hospital,
            "department": department,
            "day": service_date(now),
            "now": now,
            "lines": [
                {
                    "row": row,
                    "person": persons[row.person_id],
                    "age": persons[row.person_id].age_text(service_date(now)),
                    "doctor": doctors[row.practitioner_id].name,
                    "room": rooms[row.room_id].name if row.room_id else "",
                }
                for row in rows
            ],
        },
    )
    name = f"{FOLDER}/{service_date(now).isoformat()}/{hospital}-{department.name}-{str(department_id)[-4:]}.pdf".replace(" ", "")
    return files.write(name, HTML(string=page).write_pdf())
