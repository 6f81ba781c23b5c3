"""Choosing a wall, the wall, and its content for whoever polls."""

from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.safestring import mark_safe
from django.utils.translation import gettext

from jiuyi.desks.wall.board import fragment
from jiuyi.domains.organizations import queries as organizations
from jiuyi.domains.queueing import queries as queues
from jiuyi.domains.queueing.queries import QueueFacts
from jiuyi.foundation import clock
from jiuyi.kernel.clock import service_date


def chooser(request: HttpRequest) -> HttpResponse:
    """Every queue of every institution: what a screen shows is chosen once, by its address."""
    day = service_date(clock.now())
    groups = []
    for hospital in organizations.organizations():
        found = [(each, queues.count_waiting(each.queue_id, day=day)) for each in queues.queues(hospital.id)]
        if found:
            groups.append((hospital, found))
    return render(request, "wall/chooser.html", {"groups": groups})


def wall(request: HttpRequest, queue_id: UUID) -> HttpResponse:
    """The whole screen; it renews itself. Refuses ``not_found`` for an unknown queue."""
    now = clock.now()
    facts = queues.queue(queue_id)
    context = {
        "queue": facts,
        "name": _public_name(facts),
        "now": now,
        "hospital": organizations.organization(facts.organization_id),
        "board": _board(queue_id),
    }
    return render(request, "wall/wall.html", context)


def board(request: HttpRequest, queue_id: UUID) -> HttpResponse:
    """Only the content, for screens without a stream."""
    del request
    queues.queue(queue_id)
    response = HttpResponse(_board(queue_id))
    response.headers["Cache-Control"] = "no-store"
    return response


def _public_name(queue: QueueFacts) -> str:
    """The queue's name; of a sensitive department only where it waits: names and illness do not meet in the hall (rule DS-6)."""
    sensitive = organizations.department(queue.department_id).sensitive
    return (queue.area or gettext("候诊区")) if sensitive else queue.name


def _board(queue_id: UUID) -> str:
    return mark_safe(fragment(queue_id, now=clock.now()))  # noqa: S308  # rendered by our own template, which escapes
