"""Drug meets allergy: by codes, by class, across classes; and what "not asked" means."""

from datetime import UTC, date, datetime, timedelta

import pytest

from jiuyi.domains.encounters.rules import SubstanceFacts, allergy_conflicts, current_answer
from jiuyi.domains.encounters.words import Answer, ConflictKind

SUBSTANCES = {
    s.code: s
    for s in (
        SubstanceFacts("penicillins", "青霉素类", cross=("cephalosporins",)),
        SubstanceFacts("cephalosporins", "头孢菌素类", cross=("penicillins",)),
        SubstanceFacts("aminopenicillins", "氨基青霉素类", classes=("penicillins",)),
        SubstanceFacts("amoxicillin", "阿莫西林", classes=("aminopenicillins",)),
        SubstanceFacts("penicillin_g", "青霉素", classes=("penicillins",)),
        SubstanceFacts("cefuroxime", "头孢呋辛", classes=("cephalosporins",)),
        SubstanceFacts("clavulanate", "克拉维酸"),
        SubstanceFacts("azithromycin", "阿奇霉素", classes=("macrolides",)),
        SubstanceFacts("nsaids", "非甾体抗炎药"),
        SubstanceFacts("paracetamol", "对乙酰氨基酚", cross=("nsaids",)),
    )
}


@pytest.mark.parametrize(
    ("_case", "drug", "allergies", "kinds"),
    [
        ("the very substance", ["amoxicillin"], ["amoxicillin"], [ConflictKind.SAME]),
        ("allergic to the class", ["amoxicillin"], ["penicillins"], [ConflictKind.CLASS]),
        ("allergic to a sister", ["amoxicillin"], ["penicillin_g"], [ConflictKind.CLASS]),
        ("across classes, allergy to a substance", ["cefuroxime"], ["amoxicillin"], [ConflictKind.CROSS]),
        ("across classes, allergy to a class", ["cefuroxime"], ["penicillins"], [ConflictKind.CROSS]),
        ("and the other way round", ["amoxicillin"], ["cephalosporins"], [ConflictKind.CROSS]),
        ("a cross relation written on one side only", ["paracetamol"], ["nsaids"], [ConflictKind.CROSS]),
        ("seen from the other side too", ["nsaids"], ["paracetamol"], [ConflictKind.CROSS]),
        ("another family", ["azithromycin"], ["penicillins"], []),
        ("a combination: the other part is fine", ["clavulanate", "amoxicillin"], ["penicillins"], [ConflictKind.CLASS]),
        ("a combination: the second part", ["clavulanate", "amoxicillin"], ["clavulanate"], [ConflictKind.SAME]),
        ("no allergies", ["amoxicillin"], [], []),
        ("no substances", [], ["penicillins"], []),
        ("an unknown code meets only itself", ["unknown"], ["unknown"], [ConflictKind.SAME]),
        ("an unknown code meets nothing else", ["unknown"], ["penicillins"], []),
    ],
)
def test_conflicts(_case, drug, allergies, kinds):
    assert [c.kind for c in allergy_conflicts(drug, allergies, SUBSTANCES)] == kinds


def test_a_name_is_never_compared():
    same_name = {"a": SubstanceFacts("a", "阿莫西林"), "b": SubstanceFacts("b", "阿莫西林")}
    assert allergy_conflicts(["a"], ["b"], same_name) == []


def test_a_circle_of_classes_ends():
    circle = {"a": SubstanceFacts("a", "甲", classes=("b",)), "b": SubstanceFacts("b", "乙", classes=("a",))}
    assert [c.kind for c in allergy_conflicts(["a"], ["b"], circle)] == [ConflictKind.CLASS]


TODAY = date(2026, 3, 2)
ASKED = datetime(2026, 3, 1, 8, tzinfo=UTC)


@pytest.mark.parametrize(
    ("_case", "answers", "expected"),
    [
        ("never asked", [], Answer.NOT_ASKED),
        ("asked: none", [(ASKED, Answer.NONE, None)], Answer.NONE),
        ("the newest counts", [(ASKED, Answer.PRESENT, None), (ASKED + timedelta(hours=1), Answer.NONE, None)], Answer.NONE),
        ("whatever the order of the rows", [(ASKED + timedelta(hours=1), Answer.NONE, None), (ASKED, Answer.PRESENT, None)], Answer.NONE),
        ("the last day still counts", [(ASKED, Answer.PRESENT, TODAY)], Answer.PRESENT),
        ("expired: not asked, not none", [(ASKED, Answer.PRESENT, TODAY - timedelta(days=1))], Answer.NOT_ASKED),
    ],
)
def test_three_states(_case, answers, expected):
    assert current_answer(answers, TODAY) is expected
