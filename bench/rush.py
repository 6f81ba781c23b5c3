"""The rush: bookings per second through the gate over HTTP, against TPC-B-like pgbench in the same minutes; and a sell-out.

Layout: one gate process (ASGI, two lanes), PostgreSQL as the product starts it (fsync on, checksums), the generator in a
process of its own, all on the same machine. Passes are verified, each booking writes its journal row and its key.
The worker is not on this database: charging and telling follow a rush at their own pace.
"""

import json
import os
import statistics
import subprocess
import tempfile
from collections import Counter
from pathlib import Path
from typing import Any

import psycopg
from psycopg import conninfo, sql

from bench import rush_world
from bench.gates import Heard, fire, gates, migrated_database, spread, wish
from bench.generator import Answer
from bench.installation import installation
from bench.outcome import Options, Outcome, percentile
from bench.reference import CLIENTS, SCALE, libpq_environment, number_in, pgbench_program

PLACES = 60_000
PEOPLE = 70_000
CONNECTIONS = 256
ROUNDS = 5
SECONDS = 5
SELL_OUT_PATIENTS, SELL_OUT_PLACES, SELL_OUT_MORE = 10_000, 3_000, 30_000
REFERENCE_DATABASE = "jiuyi_bench_rush_reference"


def run(options: Options) -> Outcome:
    """Measure; with ``--verify`` compare every answer with the rows instead."""
    if options.verify:
        from bench.rush_verify import run as verify  # noqa: PLC0415  # the other half of this benchmark

        return verify(options)
    rounds = 1 if options.quick else ROUNDS
    with (
        installation(options, demo=False, pages=False) as place,
        migrated_database(place.administrator_url, "jiuyi_bench_rush") as database,
        tempfile.TemporaryDirectory() as scratch,
    ):
        settings = _settings(place.administrator_url)
        _prepare_reference(place.administrator_url)
        world = rush_world.make(database, places=PLACES, people=PEOPLE)
        one_by_one = _prepare_one_by_one(database, world, Path(scratch))
        rows: list[dict[str, float]] = []
        claimed: list[Heard] = []
        for _ in range(rounds):
            row = {"tpcb": _tpcb(place.administrator_url)}
            rush_world.make_free_again(database)
            row["function"] = _pgbench_file(database, one_by_one)
            rush_world.make_free_again(database)
            claimed.append(_claims(database, world))
            row["gate"] = claimed[-1].per_second
            rush_world.make_free_again(database)
            row["ordinary"] = _ordinary(database, world)
            rows.append(row)
        rush_world.make_free_again(database)
        sold = _sell_out(database, world)
        _drop(place.administrator_url)
    return _outcome(rows, claimed, sold, settings)


def _outcome(rows: list[dict[str, float]], claimed: list[Heard], sold: dict[str, Any], settings: dict[str, Any]) -> Outcome:
    milliseconds = [answer[3] for heard in claimed for answer in heard.answers]
    median = {name: statistics.median(row[name] for row in rows) for name in rows[0]}
    return Outcome(
        "rush",
        figures={
            "layout": "gate process and generator on one machine with PostgreSQL",
            "bookings_per_second": round(median["gate"], 1),
            "p50_ms": round(percentile(milliseconds, 0.5), 1),
            "p99_ms": round(percentile(milliseconds, 0.99), 1),
            "generator_processor_share": round(statistics.median(heard.processor_share for heard in claimed), 3),
            "ordinary_bookings_per_second": round(median["ordinary"], 1),
            "windows": len(rows),
            "window_seconds": SECONDS,
            "connections": CONNECTIONS,
            "answers": dict(Counter(_code(answer) for heard in claimed for answer in heard.answers)),
            **{f"sell_out_{name}": value for name, value in sold.items()},
        },
        reference={
            "what": f"pgbench TPC-B-like, scale {SCALE}, {CLIENTS} clients, {SECONDS} s; and pgbench calling claim_places_v1 for one",
            "tpcb_tps": round(median["tpcb"], 1),
            "function_tps": round(median["function"], 1),
            **settings,
        },
        ratios={
            "tpcb": round(statistics.median(row["gate"] / row["tpcb"] for row in rows), 2),
            "function": round(statistics.median(row["gate"] / row["function"] for row in rows), 2),
            "ordinary_tpcb": round(statistics.median(row["ordinary"] / row["tpcb"] for row in rows), 2),
            "sold_out_tpcb": round(sold["answers_per_second"] / median["tpcb"], 2),
        },
    )


def _claims(database: str, world: rush_world.World) -> Heard:
    """As many bookings as the gate makes in the time; everybody asks once."""
    wishes = [wish(world, number, *spread(world, number)) for number in range(PLACES)]
    with gates(database) as (gate,):
        return fire(gate.port, [(each.key, each.raw) for each in wishes], connections=CONNECTIONS, seconds=SECONDS)


def _ordinary(database: str, world: rush_world.World) -> float:
    """The same through Django, as when the gate is down: forms, sixteen at a time."""
    wishes = [wish(world, number, *spread(world, number)) for number in range(6_000)]
    with gates(database, lanes=0, module="jiuyi.project.web") as (web,):
        fire(web.port, [(each.key, each.form) for each in wishes[:100]], connections=CLIENTS, seconds=SECONDS)
        heard = fire(web.port, [(each.key, each.form) for each in wishes[100:]], connections=CLIENTS, seconds=SECONDS)
    booked = sum(answer[1] == 302 for answer in heard.answers)  # noqa: PLR2004  # HTTP's "found": the booking's page
    if booked < 0.99 * len(heard.answers):
        message = f"the ordinary path refused: {Counter(answer[1] for answer in heard.answers)} {heard.answers[0][2][:300]!r}"
        raise RuntimeError(message)
    return booked / heard.seconds


def _sell_out(database: str, world: rush_world.World) -> dict[str, Any]:
    """10,000 patients for 3,000 places; then many more who find everything full."""
    sessions = world.sessions[: SELL_OUT_PLACES // rush_world.PLACES_PER_SESSION]
    windows = [(session, number) for number in range(len(sessions[0].windows)) for session in sessions]
    first = [wish(world, number, *windows[number % len(windows)]) for number in range(SELL_OUT_PATIENTS)]
    more = [wish(world, SELL_OUT_PATIENTS + number, *windows[number % len(windows)]) for number in range(SELL_OUT_MORE)]
    with gates(database) as (gate,):
        rush = fire(gate.port, [(each.key, each.raw) for each in first], connections=CONNECTIONS)
        full = fire(gate.port, [(each.key, each.raw) for each in more], connections=CONNECTIONS, seconds=SECONDS)
    with psycopg.connect(database) as connection:
        ((sold,),) = connection.execute("SELECT count(*) FROM scheduling_appointment").fetchall()
    return {
        "sold": sold,
        "told_claimed": Counter(_code(answer) for answer in rush.answers)["claimed"],
        "answers_per_second": round(full.per_second, 1),
        "answers": dict(Counter(_code(answer) for answer in full.answers)),
    }


def _code(answer: Answer) -> str:
    return str(json.loads(answer[2])["code"]) if answer[2] else f"status {answer[1]}"


def _settings(server_url: str) -> dict[str, Any]:
    with psycopg.connect(server_url) as connection:
        shown = {
            name: connection.execute(sql.SQL("SHOW {}").format(sql.Identifier(name))).fetchone() for name in ("server_version", "fsync")
        }
    return {"postgresql": (shown["server_version"] or [""])[0], "fsync": (shown["fsync"] or [""])[0], "processors": os.cpu_count() or 0}


def _prepare_reference(server_url: str) -> None:
    with psycopg.connect(server_url, autocommit=True) as connection:
        connection.execute(sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(sql.Identifier(REFERENCE_DATABASE)))
        connection.execute(sql.SQL("CREATE DATABASE {}").format(sql.Identifier(REFERENCE_DATABASE)))
    pgbench(server_url, ["--initialize", "--quiet", f"--scale={SCALE}", REFERENCE_DATABASE])


def _drop(server_url: str) -> None:
    with psycopg.connect(server_url, autocommit=True) as connection:
        connection.execute(sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(sql.Identifier(REFERENCE_DATABASE)))


def _tpcb(server_url: str) -> float:
    options = [f"--client={CLIENTS}", "--jobs=2", f"--time={SECONDS}", "--no-vacuum", REFERENCE_DATABASE]
    return number_in(r"tps = ([\d.]+)", pgbench(server_url, options))


def _prepare_one_by_one(database: str, world: rush_world.World, scratch: Path) -> Path:
    """A table of ready requests, and the script with which pgbench's clients work through it, each its own part."""
    from datetime import UTC, datetime  # noqa: PLC0415

    from bench.gates import SECRET  # noqa: PLC0415
    from jiuyi.desks.gate.claims import request_of  # noqa: PLC0415  # the same request as the gate's
    from jiuyi.domains.scheduling.words import PASS_PURPOSE, open_pass  # noqa: PLC0415
    from jiuyi.kernel.signing import derive_key  # noqa: PLC0415

    now, key = datetime.now(UTC), derive_key(SECRET, PASS_PURPOSE)
    with psycopg.connect(database, autocommit=True) as connection, connection.cursor() as cursor:
        cursor.execute("CREATE TABLE bench_request (id integer PRIMARY KEY, request jsonb)")
        with cursor.copy("COPY bench_request (id, request) FROM STDIN") as copy:
            for number in range(PLACES):
                session, window = spread(world, number)
                found = open_pass(wish(world, number, session, window).text, key, now=now)
                copy.write_row((number, request_of(found, session.windows[window], now=now).decode()))
        cursor.execute("VACUUM ANALYZE bench_request")
    script = scratch / "one.sql"
    script.write_text(
        "\\set n :n + 1\n\\set i (:client_id * 3700 + :n)\n"
        "SELECT code FROM claim_places_v1(jsonb_build_array((SELECT request FROM bench_request WHERE id = :i)));\n"
    )
    return script


def _pgbench_file(database: str, script: Path) -> float:
    name = str(conninfo.conninfo_to_dict(database)["dbname"])
    options = ["--no-vacuum", f"--client={CLIENTS}", "--jobs=2", f"--time={SECONDS}", "--define=n=0", f"--file={script}", name]
    return number_in(r"tps = ([\d.]+)", pgbench(database, options))


def pgbench(server_url: str, arguments: list[str]) -> str:
    """What pgbench printed; its failure is an error with its words."""
    environment = libpq_environment(server_url)
    done = subprocess.run([pgbench_program(), *arguments], env=environment, capture_output=True, text=True, timeout=300, check=False)
    if done.returncode:
        message = f"pgbench: {done.stderr.strip()[-1000:]}"
        raise RuntimeError(message)
    return done.stdout
