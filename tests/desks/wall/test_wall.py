"""The screen in the waiting area: masked, in three ways of staying fresh, and one look for all screens."""

import asyncio
from datetime import timedelta
from uuid import UUID

import pytest
from django.db import connection

from jiuyi.desks.wall import live
from jiuyi.domains.organizations import actions as organizations
from jiuyi.domains.organizations.words import DepartmentCategory
from jiuyi.domains.queueing import actions as queueing
from jiuyi.domains.queueing import queries
from jiuyi.foundation import clock
from jiuyi.foundation.access import SYSTEM
from jiuyi.kernel.ids import new_id
from tests.factories import rooms
from tests.factories.rooms import NOW

MINUTE = timedelta(minutes=1)
NOTHING = UUID(int=7)  # no record has this id; the name of a test is the same in every run


@pytest.fixture(autouse=True)
def stopped_clock(monkeypatch):
    """It is a minute past nine."""
    monkeypatch.setattr(clock, "now", lambda: NOW + MINUTE)


@pytest.fixture
def room(db):
    """A doctor at work, three people waiting, one of them called."""
    made = rooms.waiting_room()
    for name in ("张小明", "欧阳美丽", "王芳"):
        rooms.waits(made, rooms.somebody(made, name))
    rooms.called(made)
    return made


@pytest.mark.django_db
@pytest.mark.catalogue("C30", part="the wall shows number, masked name and room, and who comes next")
def test_the_wall_shows_who_is_called_and_who_comes_next_masked(client, room):
    page = client.get(f"/wall/{room.queue_id}/").content.decode()
    for words in ("A001", "张*明", "3诊室", "A002", "欧阳*丽", "A003", "候诊 2 人", "09:01"):
        assert words in page
    for name in ("张小明", "欧阳美丽", "王芳"):
        assert name not in page


@pytest.mark.django_db
@pytest.mark.parametrize(("area", "shown"), [("门诊五楼东候诊区", "门诊五楼东候诊区"), ("", "候诊区")])
def test_the_wall_of_a_sensitive_department_does_not_say_which_it_is(client, room, area, shown):
    department_id = organizations.add_department(
        actor=SYSTEM,
        now=NOW,
        organization_id=room.county.hospital_id,
        name="精神心理科",
        code="XL",
        category=DepartmentCategory.INTERNAL,
        sensitive=True,
    )
    queue_id = queueing.open_queue(
        actor=SYSTEM,
        now=NOW,
        organization_id=room.county.hospital_id,
        department_id=department_id,
        name="精神心理科候诊",
        prefix="X",
        area=area,
    )

    page = client.get(f"/wall/{queue_id}/").content.decode()

    assert "精神" not in page
    assert shown in page
    assert "心血管内科候诊" in client.get(f"/wall/{room.queue_id}/").content.decode()


@pytest.mark.django_db
def test_the_wall_renews_itself_with_a_stream_by_polling_and_without_scripts(client, room):
    page = client.get(f"/wall/{room.queue_id}/").content.decode()
    assert f'data-stream="/live/wall/{room.queue_id}/' in page
    assert f'data-fragment="/wall/{room.queue_id}/board/"' in page
    assert '<noscript><meta http-equiv="refresh" content="10"></noscript>' in page
    assert "data-stale hidden" in page
    board = client.get(f"/wall/{room.queue_id}/board/")
    assert board["Cache-Control"] == "no-store"
    assert "<html" not in board.content.decode()
    assert "A001" in board.content.decode()


@pytest.mark.django_db
def test_the_chooser_lists_the_waiting_areas(client, room):
    page = client.get("/wall/").content.decode()
    assert f"/wall/{room.queue_id}/" in page
    assert "心血管内科候诊" in page
    assert "候诊 2 人" in page


@pytest.mark.django_db
@pytest.mark.parametrize("path", ["", "board/"])
def test_an_unknown_queue_is_not_found(client, db, path):
    assert client.get(f"/wall/{new_id()}/{path}").status_code == 404


@pytest.mark.django_db
def test_an_empty_board_says_that_nobody_waits(client, db):
    made = rooms.waiting_room()
    assert "候诊 0 人" in client.get(f"/wall/{made.queue_id}/board/").content.decode()


class Screen:
    """A screen on the stream: what it received, and how to leave."""

    def __init__(self, path: str, query: bytes = b"") -> None:
        self.scope = {"type": "http", "method": "GET", "path": path, "query_string": query}
        self.sent: list[dict] = []
        self._leave = asyncio.Event()

    def show(self) -> "asyncio.Task[None]":
        async def receive():
            await self._leave.wait()
            return {"type": "http.disconnect"}

        async def send(message):
            self.sent.append(message)

        return asyncio.create_task(live.application(self.scope, receive, send))

    def leave(self) -> None:
        self._leave.set()

    @property
    def status(self) -> int:
        return self.sent[0]["status"]

    @property
    def text(self) -> str:
        return b"".join(message.get("body", b"") for message in self.sent).decode()

    async def hears(self, words: str) -> None:
        async with asyncio.timeout(20):
            while words not in self.text:  # noqa: ASYNC110  # the stream knows nothing of tests
                await asyncio.sleep(0.05)


@pytest.fixture
def fast(monkeypatch):
    """Seconds that a test can wait for."""
    monkeypatch.setattr(live, "POLL_SECONDS", 0.1)
    monkeypatch.setattr(live, "ALIVE_SECONDS", 0.3)


@pytest.mark.django_db(transaction=True)
@pytest.mark.catalogue("C30", part="every wall follows a call within two seconds")
def test_the_stream_sends_the_board_and_then_what_changes(transactional_db, room, fast):
    async def watch():
        first, second = (Screen(f"/live/wall/{room.queue_id}/") for _ in range(2))
        tasks = [first.show(), second.show()]
        await first.hears("A001")
        await second.hears("event: alive")
        assert len(live._pollers) == 1  # one look at the database for both screens
        (poller,) = live._pollers.values()
        assert poller.screens == 2
        person = await asyncio.to_thread(_arrives, room)
        await first.hears("赵*强")
        await second.hears("赵*强")
        assert person
        for screen in (first, second):
            screen.leave()
        await asyncio.gather(*tasks)
        return first

    screen = asyncio.run(watch())
    assert dict(screen.sent[0]["headers"])[b"content-type"] == b"text/event-stream; charset=utf-8"
    assert screen.text.startswith("retry: 2000")
    assert "赵自强" not in screen.text
    assert screen.text.count("event: board") == 2
    assert live._pollers == {}


def _arrives(room):
    try:
        return rooms.waits(room, rooms.somebody(room, "赵自强"), now=NOW + MINUTE).label
    finally:
        connection.close()


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("path", ["/live/wall/nonsense/", f"/live/wall/{NOTHING}/", "/live/other/"])
def test_a_stream_of_nothing_is_not_found(transactional_db, path):
    screen = Screen(path)

    async def ask():
        await screen.show()

    asyncio.run(ask())
    assert screen.status == 404


@pytest.mark.django_db(transaction=True)
def test_too_many_screens_are_told_so(transactional_db, room, monkeypatch):
    monkeypatch.setattr(live, "MOST_SCREENS", 0)
    screen = Screen(f"/live/wall/{room.queue_id}/")

    async def ask():
        await screen.show()

    asyncio.run(ask())
    assert screen.status == 503


@pytest.mark.django_db(transaction=True)
def test_a_stream_that_cannot_read_falls_silent_and_comes_back(transactional_db, room, fast, monkeypatch):
    """Silence is what makes the screen say that it may be stale."""
    monkeypatch.setattr(live, "REFRESH_SECONDS", 0.4)
    readable = live.fragment

    def broken(*_arguments, **_named):
        raise OSError

    async def watch():
        screen = Screen(f"/live/wall/{room.queue_id}/")
        task = screen.show()
        await screen.hears("A001")
        monkeypatch.setattr(live, "fragment", broken)
        await asyncio.sleep(1.0)
        before = screen.text.count("event: ")
        await asyncio.sleep(1.0)
        silent = screen.text.count("event: ") - before
        monkeypatch.setattr(live, "fragment", readable)
        await asyncio.sleep(1.2)
        heard = screen.text.count("event: ") - before - silent
        screen.leave()
        await task
        return silent, heard

    silent, heard = asyncio.run(watch())
    assert silent == 0
    assert heard > 0


@pytest.mark.django_db
def test_the_language_of_a_stream_is_one_of_ours():
    assert live._language_of({"query_string": b"language=en"}) == "en"
    assert live._language_of({"query_string": b"language=../../etc"}) == "zh-hans"
    assert live._language_of({}) == "zh-hans"


def test_the_stamp_is_private_to_a_queue_and_changes_with_each_act(room):
    day = NOW.date()
    stamps = [queries.stamp(room.queue_id, day=day)]
    ticket = queries.ticket_of_practitioner(room.practitioner_id, now=NOW)
    for act in (queueing.call_again, queueing.enter_room, queueing.finish):
        act(actor=room.doctor, now=NOW + MINUTE, ticket_id=ticket.ticket_id)
        stamps.append(queries.stamp(room.queue_id, day=day))
    assert len(set(stamps)) == 4
    assert queries.stamp(new_id(), day=day) == queries.stamp(new_id(), day=day)
