"""Ordinary pages while the gate is saturated, in the pair behind nginx; the same pages at rest are the reference."""

import time
import urllib.request

from bench import rush_world
from bench.gates import Generator, migrated_database, spread, wish
from bench.installation import installation
from bench.nginx import pair
from bench.outcome import Options, Outcome, percentile

PLACES, PEOPLE = 60_000, 64_000
SECONDS = 10
PAGES_PER_SECOND = 20
PAGES = ("/sign-in/", "/experts/", "/kit/")


def run(options: Options) -> Outcome:
    """Milliseconds of a page, at rest and in the rush."""
    seconds = 5 if options.quick else SECONDS
    with (
        installation(options, demo=False, pages=False) as place,
        migrated_database(place.administrator_url, "jiuyi_bench_pair") as database,
    ):
        world = rush_world.make(database, places=PLACES, people=PEOPLE)
        wishes = [wish(world, number, *spread(world, number)) for number in range(PLACES)]
        with pair(database) as running:
            _look(running.port, 2)
            rest = _look(running.port, seconds)
            generator = Generator(running.port, [(each.key, each.raw) for each in wishes], connections=256, seconds=seconds + 2)
            time.sleep(1)
            rush = _look(running.port, seconds)
            heard = generator.result()
    return Outcome(
        "pair",
        figures={
            "layout": "nginx, pages process, gate process and generator on one machine with PostgreSQL",
            "pages": ", ".join(PAGES),
            "p50_ms": round(percentile(rush, 0.5), 1),
            "p95_ms": round(percentile(rush, 0.95), 1),
            "bookings_per_second_meanwhile": round(sum(answer[1] == 200 for answer in heard.answers) / heard.seconds, 1),  # noqa: PLR2004
        },
        reference={"what": "the same pages at rest", "p50_ms": round(percentile(rest, 0.5), 1), "p95_ms": round(percentile(rest, 0.95), 1)},
        ratios={"p95_to_rest": round(percentile(rush, 0.95) / percentile(rest, 0.95), 1)},
    )


def _look(port: int, seconds: float) -> list[float]:
    """Look at pages at a steady pace; milliseconds of each."""
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    spent: list[float] = []
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        begun = time.perf_counter()
        with opener.open(f"http://127.0.0.1:{port}{PAGES[len(spent) % len(PAGES)]}", timeout=30) as answer:
            answer.read()
        spent.append((time.perf_counter() - begun) * 1000)
        time.sleep(max(0.0, 1 / PAGES_PER_SECOND - spent[-1] / 1000))
    return spent
