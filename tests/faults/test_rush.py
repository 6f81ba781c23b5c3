"""The rush with real processes: each answer compared with the rows, while a gate or PostgreSQL is killed; and the pair behind nginx."""

import json
import os
import tempfile
import urllib.error
import urllib.request
from functools import partial
from pathlib import Path

import psycopg
import pytest

from bench import rush_world
from bench.gates import migrated_database, spread, wish
from bench.installation import Installation, administrator_url, start, stop
from bench.nginx import pair
from bench.rush_verify import WRONG, Size, kill_gate, kill_postgres, rush

SIZE = Size(places=1_000, asked=2_400, twice=400, two_passes=100, connections=64, kill_after_seconds=0.4)


@pytest.fixture(scope="module")
def place():
    kept = {name: os.environ.pop(name) for name in ("DATABASE_URL", "DATABASE_OWNER_URL") if name in os.environ}
    with tempfile.TemporaryDirectory(prefix="jiuyi-rush-") as name:
        Path(name).chmod(0o711)
        home = Path(name) / "data"
        process, url, seconds = start(home, demo=False)
        try:
            yield Installation(url, administrator_url(home, "postgres"), administrator_url(home, "jiuyi"), process, home, seconds)
        finally:
            stop(process)
            os.environ.update(kept)


@pytest.fixture(scope="module")
def database(place):
    with migrated_database(place.administrator_url, "jiuyi_rush_test") as address:
        yield address


@pytest.fixture(scope="module")
def world(database):
    return rush_world.make(database, places=SIZE.places, people=SIZE.asked)


@pytest.fixture
def free(database, world):
    rush_world.make_free_again(database)


KILLS = {"two gates, one killed": (2, kill_gate), "PostgreSQL killed": (1, kill_postgres)}


@pytest.mark.parametrize("case", KILLS)
def test_no_answer_of_a_rush_is_wrong_whoever_is_killed(place, database, world, free, case):
    gates_count, kill = KILLS[case]
    found = rush(database, world, SIZE, gates_count=gates_count, kill=partial(kill, place=place))
    assert {name: found[name] for name in WRONG} == dict.fromkeys(WRONG, 0)
    if kill is kill_gate:
        assert found["asked_again"] > 0, "nobody was cut off: the kill proved nothing"
    else:  # the gate sends the lost batches again by itself, and its callers only wait
        log = (place.directory / "log" / "supervisor.log").read_text().splitlines()
        assert [line["process"] for line in map(json.loads, log) if line["event"] == "died"].count("postgres") == 1
    assert found["claimed"] > SIZE.places * 0.8
    assert found["full"] > 0
    with psycopg.connect(database) as connection:
        assert connection.execute("SELECT count(*) FROM scheduling_appointment").fetchone() == (found["claimed"],)


class Stay(urllib.request.HTTPRedirectHandler):
    """Shows where an answer leads, and does not go there."""

    def redirect_request(self, *_arguments):
        return None


def send(port, each):
    head, _, body = each.form.partition(b"\r\n\r\n")
    assert head
    request = urllib.request.Request(f"http://127.0.0.1:{port}/gate/v1/claim", data=body, method="POST")
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}), Stay)
    try:
        with opener.open(request, timeout=20) as answer:
            return answer.status, answer.headers.get("Location", "")
    except urllib.error.HTTPError as answer:
        return answer.code, answer.headers.get("Location", "")


def test_behind_nginx_the_pages_serve_the_gates_callers_when_the_gate_is_down(database, world, free):
    first, second = (wish(world, number, *spread(world, number)) for number in range(2))
    with pair(database) as running:
        with urllib.request.urlopen(f"http://127.0.0.1:{running.port}/gate/v1/alive") as answer:
            assert json.load(answer) == {"alive": True}
        status, booked = send(running.port, first)
        assert (status, booked.startswith("/appointments/")) == (303, True)
        running.gate.stop()
        assert send(running.port, first) == (302, booked), "the same pass has another answer without the gate"
        status, other = send(running.port, second)
        assert (status, other.startswith("/appointments/"), other != booked) == (302, True, True)
        running.gate.start()
        assert send(running.port, second) == (303, other)
