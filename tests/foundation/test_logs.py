"""A log line never carries who somebody is."""

import json
import logging
import sys

import pytest
from hypothesis import given
from hypothesis import strategies as st

from jiuyi.foundation.logs import ALLOWED_KEYS, JsonFormatter, mask

UUID_TEXT = "01890a5d-ac96-774b-bcce-b302099a8057"


def line(message="request", args=(), exc_info=None, **extra) -> dict:
    record = logging.LogRecord("jiuyi.test", logging.INFO, __file__, 1, message, args, exc_info)
    record.__dict__.update(extra)
    text = JsonFormatter().format(record)
    assert "\n" not in text
    return json.loads(text)


def test_known_keys_pass_and_all_others_are_dropped():
    written = line(request_id=UUID_TEXT, status=200, duration_ms=12.5, name_of_patient="张三", phone="13800000000")
    assert (written["request_id"], written["status"], written["duration_ms"]) == (UUID_TEXT, 200, 12.5)
    assert "张三" not in json.dumps(written, ensure_ascii=False)
    assert set(written) == {"at", "level", "logger", "message", "request_id", "status", "duration_ms"}


def test_the_sentences_arguments_are_left_out():
    assert line("paid by %s", ("张三",))["message"] == "paid by %s"


def test_of_an_exception_only_its_type_and_places_are_kept():
    def fail():
        message = "张三 13800000000"
        raise ValueError(message)

    try:
        fail()
    except ValueError:
        written = line("failed", exc_info=sys.exc_info())
    assert written["exception"] == "ValueError"
    assert written["where"][-1].endswith("fail")
    assert "张三" not in json.dumps(written, ensure_ascii=False)


@pytest.mark.parametrize(
    ("_case", "text", "masked"),
    [
        ("a mobile phone", "to 13800000000 sent", "to ▇ sent"),
        ("with its country", "+8613800000000", "▇"),
        ("with gaps", "138 0000 0000", "▇"),
        ("an ID number with X", "10990019880808003X", "▇"),
        ("an ID number", "id=109900194903071221,", "id=▇,"),
        ("after Chinese", "电话13800000000。", "电话▇。"),
        ("a short number stays", "room 123456", "room 123456"),
        ("seven digits go", "tel 1234567", "tel ▇"),
        ("an id stays", f"visit {UUID_TEXT} seen", f"visit {UUID_TEXT} seen"),
        ("an id beside a phone", f"{UUID_TEXT} 13800000000", f"{UUID_TEXT} ▇"),
        ("a path with an id", f"/visit/{UUID_TEXT}/", f"/visit/{UUID_TEXT}/"),
        ("in a path", "/find/13800000000/", "/find/▇/"),
        ("glued to letters", "a13800000000b", "a▇b"),
        ("a day stays", "/paper/2026-03-02/", "/paper/2026-03-02/"),
        ("what only looks like one goes", "138 2026-03-02", "▇"),
        ("and so does this", "2026-03-02 1380", "▇"),
        ("full width", "１３８００００００００", "▇"),
    ],
)
def test_long_runs_of_digits_are_masked(_case, text, masked):
    assert mask(text) == masked


def test_numbers_under_allowed_keys_are_masked_too():
    assert line(object_id=13800000000)["object_id"] == "▇"
    assert line(path="/find/13800000000/")["path"] == "/find/▇/"
    assert line(count=3, code=None, event=True) | {"at": ""} == {
        "at": "",
        "level": "info",
        "logger": "jiuyi.test",
        "message": "request",
        "count": 3,
        "code": None,
        "event": True,
    }


@given(st.from_regex(r"\A1[3-9][0-9]{9}\Z"), st.text(max_size=20), st.text(max_size=20), st.sampled_from(sorted(ALLOWED_KEYS)))
def test_no_phone_ever_passes(phone, before, after, key):
    assert phone not in json.dumps(line(f"{before}{phone}{after}", **{key: f"{before}{phone}{after}"}), ensure_ascii=False)


def test_long_values_are_cut():
    assert len(line(path="/x" * 500)["path"]) == 200
