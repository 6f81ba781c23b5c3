"""The catalogue's states come from marks and results, and from nothing else."""

import json
from pathlib import Path

import pytest

from jiuyi.project import catalogue
from jiuyi.project.catalogue import Claim, Outcome

WHOLE = Claim("C2", "tests/test_a.py::test_whole")
PART = Claim("C2", "tests/test_a.py::test_part", part="no overselling")
PASSED_ON_PAGE = Outcome(passed=True, pages=frozenset({"/book/"}))


@pytest.mark.parametrize(
    ("_case", "claims", "outcomes", "state"),
    [
        ("no test", [], {}, "absent"),
        ("only parts, passed", [PART], {PART.test: PASSED_ON_PAGE}, "partial"),
        ("only parts, never run", [PART], {}, "partial"),
        ("whole, not run on this tree", [WHOLE], {}, "unproven"),
        ("whole, failed or skipped", [WHOLE], {WHOLE.test: Outcome(passed=False, pages=frozenset({"/book/"}))}, "unproven"),
        ("whole, drove no page", [WHOLE], {WHOLE.test: Outcome(passed=True)}, "unproven"),
        ("whole, passed on a page", [WHOLE], {WHOLE.test: PASSED_ON_PAGE}, "works"),
        ("whole and part, part failed", [WHOLE, PART], {WHOLE.test: PASSED_ON_PAGE, PART.test: Outcome(passed=False)}, "works"),
        (
            "two claim the whole, one fails",
            [WHOLE, Claim("C2", "tests/test_b.py::test_other")],
            {WHOLE.test: PASSED_ON_PAGE, "tests/test_b.py::test_other": Outcome(passed=False)},
            "unproven",
        ),
    ],
)
def test_state(_case: str, claims: list[Claim], outcomes: dict[str, Outcome], state: str) -> None:
    items = {item.id: item for item in catalogue.states(claims, outcomes)}
    assert items["C2"].state == state
    assert {item.state for number, item in items.items() if number != "C2"} == {"absent"}


def test_all_items_are_listed_with_titles_in_both_languages() -> None:
    titles = catalogue.titles()
    assert list(titles) == [f"C{number}" for number in range(1, 120)]
    assert all(english and chinese for english, chinese in titles.values())


def test_marks_are_read_from_functions_classes_and_modules(tmp_path: Path) -> None:
    tests = tmp_path / "tests"
    (tests / "deep").mkdir(parents=True)
    (tests / "deep" / "test_marks.py").write_text(
        "import pytest\n"
        "pytestmark = [pytest.mark.django_db, pytest.mark.catalogue('C5', part='names')]\n"
        "@pytest.mark.catalogue('C2')\n"
        "def test_one(): ...\n"
        "@pytest.mark.catalogue('C4', part='refund')\n"
        "class TestMany:\n"
        "    def test_two(self): ...\n"
        "def helper(): ...\n",
        encoding="utf-8",
    )
    assert set(catalogue.claims_in(tests)) == {
        Claim("C5", "tests/deep/test_marks.py::test_one", "names"),
        Claim("C2", "tests/deep/test_marks.py::test_one"),
        Claim("C5", "tests/deep/test_marks.py::TestMany::test_two", "names"),
        Claim("C4", "tests/deep/test_marks.py::TestMany::test_two", "refund"),
    }


def test_results_of_another_tree_prove_nothing(tmp_path: Path) -> None:
    results = tmp_path / "catalogue.json"
    stored = {"tree": "this", "tests": {"tests/a.py::t[1]": {"outcome": "passed", "pages": ["/x/"]}}}
    results.write_text(json.dumps(stored), encoding="utf-8")
    assert catalogue.outcomes_of(results, "this") == {"tests/a.py::t": Outcome(passed=True, pages=frozenset({"/x/"}))}
    assert catalogue.outcomes_of(results, "another") == {}
    assert catalogue.outcomes_of(tmp_path / "missing.json", "this") == {}


def test_one_failed_parameter_fails_the_test(tmp_path: Path) -> None:
    results = tmp_path / "catalogue.json"
    tests = {"tests/a.py::t[1]": {"outcome": "passed", "pages": ["/x/"]}, "tests/a.py::t[2]": {"outcome": "skipped"}}
    results.write_text(json.dumps({"tree": "this", "tests": tests}), encoding="utf-8")
    assert catalogue.outcomes_of(results, "this")["tests/a.py::t"].passed is False


def test_digest_follows_the_sources_only(tmp_path: Path) -> None:
    (tmp_path / "src" / "__pycache__").mkdir(parents=True)
    (tmp_path / "src" / "a.py").write_text("a = 1\n")
    before = catalogue.tree_digest(tmp_path)
    (tmp_path / "src" / "__pycache__" / "a.pyc").write_text("compiled")
    (tmp_path / "README.md").write_text("words")
    assert catalogue.tree_digest(tmp_path) == before
    (tmp_path / "src" / "a.py").write_text("a = 2\n")
    assert catalogue.tree_digest(tmp_path) != before


def test_every_mark_in_this_repository_names_an_item() -> None:
    known = catalogue.titles()
    assert [claim for claim in catalogue.claims_in(Path(__file__).parents[1]) if claim.item not in known] == []
