"""Every answer of a rush compared with the rows: duplicates, two gates, and kill -9 of a gate and of PostgreSQL meanwhile.

Nobody gives a place back during the run, so three things must hold of what was told: whoever was told "claimed" has exactly
that row; whoever was told "full" asked for a window in which no place is free at the end; whoever was told "booked already"
has another booking of that department and day. Whoever got no answer asks again with the same pass and then has one.
"""

import json
import os
import random
import signal
import time
from collections import Counter, defaultdict
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import Any
from uuid import UUID

import psycopg

from bench import rush_world
from bench.gates import GateProcess, Generator, Wanted, fire, gates, migrated_database, spread, wish
from bench.generator import Answer
from bench.installation import Installation, installation
from bench.outcome import Options, Outcome

Told = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Size:
    """How large a rush is.

    ``twice``: wishes sent a second time, word by word, often in the same batch. ``two_passes``: people who hold a second pass
    for the same department and day.
    """

    places: int = 6_000
    asked: int = 14_000
    twice: int = 2_000
    two_passes: int = 500
    connections: int = 256
    kill_after_seconds: float = 0.7


WHOLE = Size()


def run(options: Options) -> Outcome:
    """Four rushes; the figures are counts of what was wrong, and must all be nought."""
    figures: dict[str, Any] = {}
    with (
        installation(options, demo=False, pages=False) as place,
        migrated_database(place.administrator_url, "jiuyi_bench_verify") as database,
    ):
        world = rush_world.make(database, places=WHOLE.places, people=WHOLE.asked)
        kills: dict[str, tuple[int, Callable[..., None] | None]] = {
            "one gate": (1, None),
            "two gates": (2, None),
            "two gates, one killed": (2, kill_gate),
            "two gates, PostgreSQL killed": (2, kill_postgres),
        }
        for name, (count, kill) in kills.items():
            if kill is kill_postgres and place.directory is None:
                continue  # a server that is not ours is not killed
            rush_world.make_free_again(database)
            figures[name] = rush(database, world, WHOLE, gates_count=count, kill=kill and partial(kill, place=place))
    wrong = sum(value for figure in figures.values() for key, value in figure.items() if key in WRONG)
    return Outcome("rush --verify", figures={**figures, "wrong_answers": wrong})


WRONG = ("oversold", "claimed_without_row", "rows_nobody_was_told_of", "false_full", "false_duplicate", "other_answers", "unanswered")


def rush(
    database: str, world: rush_world.World, size: Size, *, gates_count: int, kill: Callable[[list[GateProcess]], None] | None = None
) -> dict[str, int]:
    """One rush, with somebody killed in the middle of it if wished; what was told, and what of it was wrong."""
    wishes = _wishes(world, size)
    requests = [(each.key, each.raw) for each in wishes]
    requests += random.Random(1).sample(requests, size.twice)  # noqa: S311  # a benchmark repeats itself
    random.Random(2).shuffle(requests)  # noqa: S311  # as above
    again, told, by_key = Counter[str](), defaultdict[UUID, list[Told]](list), {each.key: each for each in wishes}
    with gates(database, gates_count) as running:
        generators = [
            Generator(gate.port, requests[number::gates_count], connections=size.connections // gates_count, seconds=60)
            for number, gate in enumerate(running)
        ]
        if kill is not None:
            time.sleep(size.kill_after_seconds)
            kill(running)
        for generator in generators:
            _note(told, generator.result().answers, again)
        for _ in range(8):
            silent = [key for key in by_key if not told[key]]
            if not silent:
                break
            time.sleep(1)
            _note(told, fire(running[-1].port, [(key, by_key[key].raw) for key in silent], seconds=30).answers, again)
    return {"asked": len(requests), "asked_again": again["lost"], **_compare(database, by_key, told)}


def _wishes(world: rush_world.World, size: Size) -> list[Wanted]:
    """More people than places; some of them with two passes for one department and day."""
    wishes = [wish(world, number, *spread(world, number)) for number in range(size.asked - size.two_passes)]
    for number in range(size.two_passes):
        session, window = spread(world, number)
        wishes.append(wish(world, number, session, (window + 1) % len(session.windows)))
    return wishes


def _note(told: dict[UUID, list[Told]], heard: list[Answer], again: Counter[str]) -> None:
    for key, _status, body, _milliseconds, lost, _at in heard:
        answer = json.loads(body) if body else {}
        if lost or not answer or answer["code"] == "scheduling.gate_busy":
            again["lost"] += 1
        else:
            told[key].append(answer)


def _compare(database: str, by_key: dict[UUID, Wanted], told: dict[UUID, list[Told]]) -> dict[str, int]:
    with psycopg.connect(database) as connection:
        rows = {
            UUID(key): row
            for key, *row in connection.execute(
                "SELECT idempotency_key, id, voucher, person_id, session_id, window_start, service_date, department_id"
                " FROM scheduling_appointment"
            )
        }
        ((oversold,),) = connection.execute(
            "SELECT count(*) FROM (SELECT place_id FROM scheduling_appointment GROUP BY place_id HAVING count(*) > 1) AS twice"
        ).fetchall()
        free = {
            (session_id, start)
            for session_id, start in connection.execute(
                "SELECT session_id, window_start FROM scheduling_place WHERE state = 'free' GROUP BY session_id, window_start"
            )
        }
    booked = Counter((row[2], row[6], row[5]) for row in rows.values())
    days = _days(database)
    found = Counter[str](dict.fromkeys((*WRONG, "claimed", "full", "duplicate"), 0))
    found["oversold"] = oversold
    for key, wanted in by_key.items():
        answers = told[key]
        codes = {answer["code"] for answer in answers}
        row = rows.get(key)
        if not answers:
            found["unanswered"] += 1
        if "claimed" in codes:
            found["claimed"] += 1
            right = row is not None and all(
                (str(row[0]), row[1]) == (answer["appointment_id"], answer["voucher"]) for answer in answers if answer["code"] == "claimed"
            )
            right = (
                right
                and row is not None
                and (row[2], row[3], row[4]) == (wanted.person_id, wanted.session.id, wanted.session.windows[wanted.window])
            )
            found["claimed_without_row"] += not right
        elif row is not None and answers:
            found["rows_nobody_was_told_of"] += 1
        if "scheduling.place_gone" in codes:
            found["full"] += 1
            found["false_full"] += (wanted.session.id, wanted.session.windows[wanted.window]) in free
        if "scheduling.already_booked_that_day" in codes:
            found["duplicate"] += 1
            found["false_duplicate"] += not booked[wanted.person_id, wanted.session.department_id, days[wanted.session.id]]
        found["other_answers"] += bool(codes - {"claimed", "scheduling.place_gone", "scheduling.already_booked_that_day"})
    return dict(found)


def _days(database: str) -> dict[UUID, Any]:
    with psycopg.connect(database) as connection:
        return dict(connection.execute("SELECT id, service_date FROM scheduling_clinicsession").fetchall())


def kill_gate(running: list[GateProcess], **_: object) -> None:
    """Kill -9 of one gate in the middle, and a new one on its port a moment later, as a supervisor would."""
    running[0].stop(signal.SIGKILL)
    time.sleep(0.3)
    running[0].start()


def kill_postgres(_running: list[GateProcess], *, place: Installation) -> None:
    """Kill -9 of PostgreSQL's first process; the product's supervisor starts it again."""
    if place.directory is None:
        return
    lines = [json.loads(line) for line in (place.directory / "log" / "supervisor.log").read_text().splitlines()]
    started = [line["pid"] for line in lines if line["event"] == "started" and line["process"] == "postgres"]
    os.kill(int(started[-1]), signal.SIGKILL)
