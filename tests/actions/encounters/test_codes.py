"""The shipped lists: loaded once, found by name, code and initials, quickly."""

import time

import pytest
from django.db import connection

from jiuyi.domains.encounters import actions, queries
from jiuyi.domains.encounters.models import DiagnosisCode, Orderable, Substance
from jiuyi.domains.encounters.words import Frequency, OrderableUnknown, OrderKind, Route

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("all_lists")]

SLOWEST_SEARCH_MS = 50


def test_all_diagnoses_are_there_and_loading_again_does_nothing():
    assert DiagnosisCode.objects.count() == 33304
    assert actions.load_reference_codes() == 0


@pytest.mark.parametrize(
    ("_case", "typed", "first"),
    [
        ("the name", "高血压", "高血压"),
        ("blanks around it", " 高血压 ", "高血压"),
        ("initials", "gxy", "高血压"),
        ("initials in capitals", "GXY", "高血压"),
        ("a code", "I10.x00", "高血压"),
        ("a code in small letters", "i10.x00", "高血压"),
        ("the beginning of a code", "J06.9", "急性上呼吸道感染"),
        ("an infix of two characters", "尿病", "糖尿病"),
        ("a full-width figure", "２型糖尿病", "2型糖尿病"),
    ],
)
def test_what_is_typed_finds_what_is_meant(_case, typed, first):
    assert first in [hit.name for hit in queries.search_diagnoses(typed, limit=5)]


@pytest.mark.parametrize("typed", ["", "   ", "不存在的病", "%", "_", "高%压", "\\", "'; --"])
def test_nothing_is_found_for_nothing(typed):
    assert queries.search_diagnoses(typed) == []


def test_every_hit_contains_what_was_typed():
    hits = queries.search_diagnoses("肺炎", limit=200)
    assert len(hits) > 100
    assert all("肺炎" in hit.name for hit in hits)


def test_searches_take_less_than_fifty_milliseconds():
    slow = {}
    for typed in ("高血压", "糖尿", "病", "性", "gxy", "tnb", "zz", "J18", "慢性阻塞性肺疾病", "不存在的病"):
        took = []
        for _ in range(5):
            start = time.perf_counter()
            queries.search_diagnoses(typed)
            took.append((time.perf_counter() - start) * 1000)
        slow[typed] = min(took)
    assert max(slow.values()) < SLOWEST_SEARCH_MS, slow


def test_an_infix_of_two_characters_uses_the_index():
    with connection.cursor() as cursor:
        cursor.execute(
            "EXPLAIN SELECT code FROM encounters_diagnosiscode WHERE grams @> %s::bigint[] AND searchable LIKE %s",
            [[(ord("血") << 21) | ord("压")], "%血压%"],
        )
        plan = "\n".join(row[0] for row in cursor.fetchall())
    assert "diagnosis_code_grams" in plan


# What can be ordered


def test_there_are_enough_items_for_a_demonstration():
    assert Orderable.objects.filter(kind=OrderKind.LAB).count() >= 25
    assert Orderable.objects.filter(kind=OrderKind.DRUG).count() >= 40


def test_every_drug_says_what_is_in_it_and_how_it_is_taken():
    substances = set(Substance.objects.values_list("code", flat=True))
    for item in Orderable.objects.filter(kind=OrderKind.DRUG):
        assert item.substance_codes, item.name
        assert set(item.substance_codes) <= substances, item.name
        assert item.specification, item.name
        assert item.usual_route in set(Route), item.name
        assert item.usual_frequency in set(Frequency), item.name
    for substance in Substance.objects.all():
        assert set(substance.classes) | set(substance.cross) <= substances, substance.code


def test_every_item_has_a_price():
    prices = {price.code: price for price in queries.reference_prices()}
    assert set(prices) == set(Orderable.objects.values_list("code", flat=True))
    assert all(price.unit_price_fen > 0 for price in prices.values())
    assert (prices["LAB-CBC"].name, prices["LAB-CBC"].kind, prices["LAB-CBC"].unit_price_fen) == ("血常规（五分类）", OrderKind.LAB, 2000)


@pytest.mark.parametrize(
    ("_case", "typed", "kind", "code"),
    [
        ("name", "阿莫西林", OrderKind.DRUG, "DRG-AMX"),
        ("infix", "血常规", OrderKind.LAB, "LAB-CBC"),
        ("initials", "amxl", OrderKind.DRUG, "DRG-AMX"),
        ("code", "lab-cbc", OrderKind.LAB, "LAB-CBC"),
    ],
)
def test_items_are_found(_case, typed, kind, code):
    assert queries.search_orderables(typed, kind)[0].code == code
    other = OrderKind.LAB if kind is OrderKind.DRUG else OrderKind.DRUG
    assert code not in [item.code for item in queries.search_orderables(typed, other)]


def test_allergens_are_found():
    assert {hit.code for hit in queries.search_substances("青霉素")} == {"penicillins", "penicillin_g"}
    assert queries.search_substances("amxl")[0].code == "amoxicillin"


def test_an_item_that_is_not_in_the_list():
    assert queries.orderable("DRG-AMX").specification == "0.5g×24粒"
    with pytest.raises(OrderableUnknown):
        queries.orderable("DRG-XXX")
