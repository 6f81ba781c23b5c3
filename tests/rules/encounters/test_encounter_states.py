"""The table in the document is the table in the rule; what a visit needs before it ends."""

from itertools import product
from pathlib import Path

import pytest

from jiuyi.domains.encounters.rules import (
    MISSING_DIAGNOSIS,
    MISSING_NOTE,
    STATE_TABLE,
    missing_in_note,
    missing_to_finish,
    next_status,
)
from jiuyi.domains.encounters.words import EncounterAct, EncounterStatus, Party

DOCUMENT = Path(__file__).parents[3] / "docs" / "states" / "encounter.md"


def documented():
    table = {}
    for line in DOCUMENT.read_text(encoding="utf-8").splitlines():
        cells = [cell.strip() for cell in line.strip("|").split("|")]
        if line.startswith("|") and len(cells) == 4 and cells[0] in set(EncounterStatus):
            who = frozenset(Party(party.strip()) for party in cells[3].split(","))
            table[EncounterStatus(cells[0]), EncounterAct(cells[1])] = (EncounterStatus(cells[2]), who)
    return table


def test_the_document_is_the_rule():
    assert documented() == STATE_TABLE


@pytest.mark.parametrize(("status", "act", "by"), list(product(EncounterStatus, EncounterAct, Party)))
def test_every_other_act_is_refused(status, act, by):
    row = STATE_TABLE.get((status, act))
    assert next_status(status, act, by) == (row[0] if row and by in row[1] else None)


@pytest.mark.parametrize(
    ("_case", "notes", "diagnoses", "missing"),
    [
        ("nothing yet: both at once", 0, 0, {"note": MISSING_NOTE, "diagnosis": MISSING_DIAGNOSIS}),
        ("signed, no diagnosis", 1, 0, {"diagnosis": MISSING_DIAGNOSIS}),
        ("diagnosis, not signed", 0, 2, {"note": MISSING_NOTE}),
        ("complete", 1, 1, {}),
    ],
)
def test_what_the_end_needs(_case, notes, diagnoses, missing):
    assert missing_to_finish(signed_notes=notes, diagnoses=diagnoses) == missing


@pytest.mark.parametrize(
    ("_case", "sections", "fields"),
    [
        ("empty", {}, {"complaint", "plan"}),
        ("blanks are empty", {"complaint": "  ", "plan": "\n"}, {"complaint", "plan"}),
        ("history and exam may be blank", {"complaint": "咳嗽三天", "plan": "多饮水"}, set()),
        ("no plan", {"complaint": "咳嗽三天", "history": "无"}, {"plan"}),
    ],
)
def test_what_a_note_needs(_case, sections, fields):
    assert set(missing_in_note(sections)) == fields
