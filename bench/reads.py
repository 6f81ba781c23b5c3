"""Seven days of a department's availability while bookings are being written; no reply may be older than a second.

The reference is what pgbench gets out of the same named SQL (``desks.gate.availability.STATEMENT``) with 16 clients while
the same number of bookings is being written.
"""

import json
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from tempfile import TemporaryDirectory

from psycopg import conninfo

from bench import rush_world
from bench.gates import Generator, fire, gates, migrated_database, spread, wish
from bench.installation import installation
from bench.outcome import Options, Outcome, percentile
from bench.reference import CLIENTS, number_in
from bench.rush import pgbench

PLACES, PEOPLE = 20_000, 24_000
SECONDS = 8
WRITERS = 8
CONNECTIONS = 64
STALE_SECONDS = 1.0


def run(options: Options) -> Outcome:
    """Measure; a reply that is older than a second ends the run with an error."""
    seconds = 4 if options.quick else SECONDS
    with (
        installation(options, demo=False, pages=False) as place,
        migrated_database(place.administrator_url, "jiuyi_bench_reads") as database,
        TemporaryDirectory() as scratch,
    ):
        world = rush_world.make(database, places=PLACES, people=PEOPLE)
        departments = sorted({str(session.department_id) for session in world.sessions})
        with gates(database) as (gate,), _writing(gate.port, world, seconds):
            requests = [(number, _get(departments[number % len(departments)])) for number in range(400_000)]
            heard = fire(gate.port, requests, connections=CONNECTIONS, seconds=seconds)
        ages = [answer[5] - json.loads(answer[2])["as_of"] for answer in heard.answers if answer[1] == 200]  # noqa: PLR2004  # HTTP's "ok"
        rush_world.make_free_again(database)
        script = _script(Path(scratch), departments, world)
        with gates(database) as (gate,), _writing(gate.port, world, seconds):
            name = str(conninfo.conninfo_to_dict(database)["dbname"])
            options_of_pgbench = ["--no-vacuum", f"--client={CLIENTS}", "--jobs=2", f"--time={seconds}", f"--file={script}", name]
            reference = number_in(r"tps = ([\d.]+)", pgbench(database, options_of_pgbench))
    lost = len(heard.answers) - len(ages)
    if lost:
        message = f"{lost} of {len(heard.answers)} replies were no availability"
        raise RuntimeError(message)
    if max(ages) > STALE_SECONDS:
        message = f"a reply was {max(ages):.2f} s old when it came"
        raise RuntimeError(message)
    return Outcome(
        "reads",
        figures={
            "replies_per_second": round(heard.per_second, 1),
            "p99_ms": round(percentile([answer[3] for answer in heard.answers], 0.99), 1),
            "oldest_reply_seconds": round(max(ages), 3),
            "generator_processor_share": round(heard.processor_share, 3),
            "departments": len(departments),
            "writers": WRITERS,
        },
        reference={"what": f"pgbench, the named SQL, {CLIENTS} clients, {seconds} s, the same writers", "tps": round(reference, 1)},
        ratios={"pgbench": round(heard.per_second / reference, 2)},
    )


@contextmanager
def _writing(port: int, world: rush_world.World, seconds: int) -> Iterator[None]:
    """Bookings all the while, over a few connections."""
    wishes = [wish(world, number, *spread(world, number)) for number in range(PLACES)]
    generator = Generator(port, [(each.key, each.raw) for each in wishes], connections=WRITERS, seconds=seconds)
    waiting = threading.Thread(target=generator.result)
    waiting.start()
    try:
        time.sleep(0.3)
        yield
    finally:
        waiting.join()


def _get(department_id: str) -> bytes:
    return f"GET /gate/v1/availability/{department_id}/ HTTP/1.1\r\nHost: bench\r\n\r\n".encode()


def _script(scratch: Path, departments: list[str], world: rush_world.World) -> Path:
    """The gate's own SQL with pgbench's variables in it."""
    from jiuyi.desks.gate.availability import DAYS, STATEMENT  # noqa: PLC0415  # the product is imported only by who measures it

    now = datetime.now(UTC)
    first = min(session.windows[0] for session in world.sessions).date()
    cases = " ".join(f"WHEN {number} THEN '{department}'" for number, department in enumerate(departments))
    text = STATEMENT % {
        "now": f"'{now.isoformat()}'::timestamptz",
        "department": f"(CASE :d {cases} END)::uuid",
        "first": f"'{first}'::date",
        "days": DAYS,
    }
    script = scratch / "reads.sql"
    script.write_text(f"\\set d random(0, {len(departments) - 1})\n{text.strip()};\n")
    return script
