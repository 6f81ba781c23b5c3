"""Web, worker and database killed in the middle of bookings and payments: nothing that was confirmed is lost, nothing is there twice."""

import contextlib
import http.client
import json
import os
import re
import secrets
import signal
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import psycopg
import pytest

from bench import walk
from bench.browser import Browser, Form, Page
from bench.installation import administrator_url, start, stop
from jiuyi.project.home import Home

ROOT = Path(__file__).resolve().parents[2]
CLIENTS = 3
PEOPLE_EACH = 6
BOOKINGS_EACH_PERSON = 2
PATIENCE_SECONDS = 40.0
TARGETS = ("web", "postgres", "worker")
PHASES = ("booking", "paying")
ASKED_AGAIN_SECONDS = 45.0


@dataclass
class Promise:
    """What the house told somebody: booked; later perhaps also paid."""

    key: str
    online: bool
    appointment_id: str = ""
    booked: bool = False
    paid: bool = False


@dataclass
class Client:
    """One phone that books for its people and pays; it never gives up on a request, and sends it again word by word."""

    url: str
    database_url: str
    number: int
    stopping: threading.Event
    phase: str = "idle"
    promises: list[Promise] = field(default_factory=list)
    repeated: int = 0
    trouble: BaseException | None = None

    def enter(self) -> None:
        """Sign in and add people, while nobody kills."""
        self.browser = Browser(self.url)
        walk.sign_in(self.browser, self.database_url, lambda _name, _page: None, views=1)
        for number in range(PEOPLE_EACH):
            form = self.browser.get("/people/add/").form(having="number")
            relation = "self" if number == 0 else "other"
            self.browser.post(form, name=f"测试{'甲乙丙丁戊己'[number]}", relation=relation, id_type="01", number=walk._id_number())
        self.people = sorted(set(re.findall(r"/people/([0-9a-f-]{36})/", self.browser.get("/people/").html)))
        assert len(self.people) == PEOPLE_EACH
        for person in self.people:
            self.browser.post(self.browser.get(f"/book/{person}/safety/").form(having="answer"), answer="none")

    def run(self) -> None:
        """Book and pay until told to stop."""
        try:
            for turn in range(BOOKINGS_EACH_PERSON * PEOPLE_EACH):
                if self.stopping.is_set():
                    break
                self.one(self.people[turn % PEOPLE_EACH], turn)
        except BaseException as problem:  # noqa: BLE001  # shown by the test, not by the thread
            self.trouble = problem
        finally:
            self.phase = "done"

    def one(self, person: str, turn: int) -> None:
        """One booking, every second one paid at once."""
        form, slot, address = self.choose(person, turn)
        promise = Promise(form.fields["key"], online=turn % 3 != 2)
        self.promises.append(promise)
        how = "wechat" if promise.online else "at_hospital"
        assert how in form.choices["how"], form.choices
        self.phase = "booking"
        page = self.until_answered(lambda: self.browser.post(form, how=how))
        self.phase = "idle"
        assert address, slot
        if promise.online:
            assert "/cashier/" in page.url, f"{page.status} {page.url}"
            self.pay(page, promise)
        else:
            found = re.search(r"/appointments/([0-9a-f-]{36})/", page.url)
            assert found, f"{page.status} {page.url}"
            promise.appointment_id, promise.booked = found[1], True

    def pay(self, cashier: Page, promise: Promise) -> None:
        """Press "pay"; without an answer, look again whether it was taken before pressing again."""
        address = cashier.url
        self.phase = "paying"
        while True:
            try:
                page = self.browser.post(cashier.form(having="act"), act="pay")
            except (OSError, http.client.HTTPException):
                page = None
            if page is not None and page.status == 200 and "/cashier/" not in page.url:
                break
            self.repeated += 1
            cashier = self.until_answered(lambda: self.browser.get(address))
            if is_over(cashier):
                way_back = cashier.link(r"/appointments/[0-9a-f-]{36}/")
                page = self.until_answered(lambda way_back=way_back: self.browser.get(way_back))
                break
        self.phase = "idle"
        found = re.search(r"/appointments/([0-9a-f-]{36})/", page.url)
        assert found, page.url
        promise.appointment_id = found[1]
        if "预约成功" in page.html:
            promise.booked = promise.paid = True

    def choose(self, person: str, turn: int) -> tuple[Form, str, str]:
        """A free place with a doctor that another client or turn hardly chooses; every look is repeated until it is answered."""
        hospital = self.until_answered(lambda: self.browser.get(f"/book/{person}/hospital/"))
        page = self.until_answered(lambda: self.browser.get(hospital.link(r"/at/")))
        departments = list(dict.fromkeys(link for link in page.links if re.search(r"/in/[0-9a-f-]+/$", link)))
        for offset in range(len(departments)):
            link = departments[(self.number * 5 + turn + offset) % len(departments)]
            for doctor in self.until_answered(lambda link=link: self.browser.get(link)).links:
                if "/with/" not in doctor:
                    continue
                times = self.until_answered(lambda doctor=doctor: self.browser.get(doctor))
                slots = [slot for form in times.forms for slot in form.choices.get("slot", [])]
                if not slots:
                    continue
                slot = secrets.choice(slots)
                check = self.until_answered(lambda times=times, slot=slot: self.browser.post(times.form(having="slot"), slot=slot))
                forms = [form for form in check.forms if "how" in form.choices and "key" in form.fields]
                if check.status == 200 and forms:
                    return forms[0], slot, check.url
        message = "no free place in the whole hospital"
        raise LookupError(message)

    def until_answered(self, send: Callable[[], Page]) -> Page:
        """Send until somebody answers; an answer that says "the house is down" is none."""
        deadline = time.monotonic() + PATIENCE_SECONDS
        while True:
            with contextlib.suppress(OSError, http.client.HTTPException):
                page = send()
                if page.status < 500:
                    return page
            assert time.monotonic() < deadline, "no answer for a long time"
            self.repeated += 1
            self.browser = Browser(self.url, self.browser.cookies)
            time.sleep(0.1)


def is_over(cashier: Page) -> bool:
    """Whether the cashier takes no more money: the button that fails stands only beside the one that pays."""
    return not any("fail" in form.choices.get("act", []) for form in cashier.forms)


@dataclass
class House:
    """The running installation and the means to hurt it."""

    home: Path
    url: str
    database_url: str

    def kill(self, name: str) -> int:
        """kill -9, the way the kernel would when memory is short."""
        pid = self.pid(name)
        os.kill(pid, signal.SIGKILL)
        return pid

    def pid(self, name: str) -> int:
        """The supervisor's newest child of this name."""
        lines = [json.loads(line) for line in (self.home / "log" / "supervisor.log").read_text().splitlines()]
        return [int(line["pid"]) for line in lines if line["event"] == "started" and line["process"] == name][-1]

    def rows(self, query: str, *values: object) -> list[tuple[Any, ...]]:
        """What the database holds."""
        with psycopg.connect(self.database_url, autocommit=True) as connection:
            return connection.execute(query, values or None).fetchall()  # type: ignore[call-overload]  # the query is ours

    def books(self) -> dict[str, int]:
        """The house's own word on money and places."""
        home = Home(self.home)
        command = [sys.executable, "-m", "tests.browser.inside", "books", "[]"]
        environment = {**home.environment(home.cluster()), "PYTHONPATH": f"{ROOT / 'src'}{os.pathsep}{ROOT}"}
        done = subprocess.run(command, env=environment, cwd=ROOT, capture_output=True, text=True, timeout=60, check=False)
        assert done.returncode == 0, done.stderr[-2000:]
        return dict(json.loads(done.stdout))


@pytest.fixture(scope="module")
def house() -> Iterator[House]:
    """``jiuyi up`` as an installation has it: its own PostgreSQL, durable."""
    kept = {name: os.environ.pop(name) for name in ("DATABASE_URL", "DATABASE_OWNER_URL") if name in os.environ}
    with tempfile.TemporaryDirectory(prefix="jiuyi-faults-") as name:
        Path(name).chmod(0o711)
        home = Path(name) / "data"
        try:
            process, url, _ = start(home)
            try:
                yield House(home, url, administrator_url(home, "jiuyi"))
            finally:
                stop(process)
        finally:
            os.environ.update(kept)


def test_kill_9_in_the_middle_loses_nothing_confirmed_and_doubles_nothing(house: House) -> None:
    stopping = threading.Event()
    clients = [Client(house.url, house.database_url, number, stopping) for number in range(CLIENTS)]
    for client in clients:
        client.enter()
    threads = [threading.Thread(target=client.run) for client in clients]
    for thread in threads:
        thread.start()
    kills = []
    try:
        for phase in PHASES:
            for target in TARGETS:
                kills.append(kill_during(house, clients, target, phase))
                wait_for_next_promise(clients)
    finally:
        stopping.set()
        for thread in threads:
            thread.join(PATIENCE_SECONDS)
    assert [client.trouble for client in clients if client.trouble] == []
    promises = [promise for client in clients for promise in client.promises]
    assert len(kills) == len(PHASES) * len(TARGETS)
    assert sum(client.repeated for client in clients) > 0, "no request was hit: the kills proved nothing"
    assert sum(promise.booked for promise in promises) >= len(kills)
    wait_until_settled(house)
    nothing_is_lost(house, promises)
    nothing_is_twice(house, promises)
    assert house.books() == {"ledger": 0, "ledger_difference": 0, "place_difference": 0}


def kill_during(house: House, clients: list[Client], target: str, phase: str) -> tuple[str, str, int]:
    """Wait until somebody's request of this kind is under way, a blink longer, then kill."""
    deadline = time.monotonic() + PATIENCE_SECONDS
    while not any(client.phase == phase for client in clients):
        assert time.monotonic() < deadline, f"nobody is {phase}: {[client.phase for client in clients]}"
        assert any(client.phase != "done" for client in clients), [client.trouble for client in clients]
        time.sleep(0.0005)
    time.sleep(secrets.randbelow(15) / 1000)
    return target, phase, house.kill(target)


def wait_for_next_promise(clients: list[Client]) -> None:
    """The house works again: somebody got another confirmation."""
    before = sum(promise.booked for client in clients for promise in client.promises)
    deadline = time.monotonic() + PATIENCE_SECONDS
    while sum(promise.booked for client in clients for promise in client.promises) == before:
        assert time.monotonic() < deadline, [client.trouble for client in clients]
        assert any(client.phase != "done" for client in clients), [client.trouble for client in clients]
        time.sleep(0.01)


def wait_until_settled(house: House) -> None:
    """What the channel has not told yet, and money that goes back, is dealt with by the worker."""
    deadline = time.monotonic() + ASKED_AGAIN_SECONDS
    to_tell = house.home / "simulated-payments" / "to-tell"
    while any(to_tell.glob("*.json")) or house.rows("SELECT 1 FROM billing_refund WHERE status NOT IN ('done', 'failed')"):
        assert time.monotonic() < deadline, "the worker does not tidy up"
        time.sleep(0.2)


def nothing_is_lost(house: House, promises: list[Promise]) -> None:
    """Everything the house confirmed is there as it was confirmed."""
    stored = {
        str(key): (str(appointment_id), status, charge)
        for key, appointment_id, status, charge in house.rows(
            "SELECT a.idempotency_key, a.id, a.status, c.status FROM scheduling_appointment a"
            " LEFT JOIN billing_charge c ON c.source_id = a.id AND c.source_kind = 'appointment'"
        )
    }
    for promise in promises:
        if promise.booked:
            charge = "paid" if promise.paid else "unpaid"
            assert stored[promise.key] == (promise.appointment_id, "booked", charge), promise


def nothing_is_twice(house: House, promises: list[Promise]) -> None:
    """One booking for each key, one live booking for each place, one payment for each charge, and the channel keeps no more than that."""
    keys = [promise.key for promise in promises]
    counted = house.rows("SELECT count(*) FROM scheduling_appointment WHERE idempotency_key = ANY(%s) GROUP BY idempotency_key", keys)
    assert {count for (count,) in counted} == {1}
    live = "status IN ('held', 'booked', 'arrived', 'fulfilled', 'noshow')"
    assert house.rows(f"SELECT place_id FROM scheduling_appointment WHERE {live} GROUP BY place_id HAVING count(*) > 1") == []
    assert house.rows("SELECT charge_id FROM billing_paymentline WHERE state = 'settled' GROUP BY charge_id HAVING count(*) > 1") == []
    book = house.home / "simulated-payments"
    taken = sum(json.loads(file.read_text())["amount_fen"] for file in book.glob("taken/*/*.json"))
    back = sum(json.loads(file.read_text())["amount_fen"] for file in book.glob("back/*/*.json"))
    (owed,) = house.rows(
        "SELECT coalesce(sum(c.amount_fen), 0) FROM billing_charge c JOIN scheduling_appointment a ON a.id = c.source_id"
        " WHERE c.source_kind = 'appointment' AND c.status = 'paid' AND a.idempotency_key = ANY(%s)",
        keys,
    )[0]
    assert taken - back == owed, "the channel holds more or less than the house knows of"
