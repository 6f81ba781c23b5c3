"""A doctor at work, and the shipped lists."""

import pytest
from django.db import transaction

from jiuyi.domains.encounters import actions
from jiuyi.domains.encounters.actions import codes
from jiuyi.domains.encounters.models import DiagnosisCode, LoadedList, Orderable, Substance
from tests.factories import rooms


@pytest.fixture
def room(db):
    return rooms.waiting_room()


@pytest.fixture
def person(room):
    return rooms.somebody(room)


@pytest.fixture
def encounter_id(room, person):
    """A visit that the doctor has begun."""
    return rooms.visit(room, person)


@pytest.fixture
def lists(db):
    """What can be ordered is in the tables, and two diagnoses: the long list takes seconds, once per test."""
    codes._load(codes.SUBSTANCES, codes._load_substances)
    codes._load(codes.ORDERABLES, codes._load_orderables)
    for code, name in (("I10.x00", "高血压"), ("J06.900", "急性上呼吸道感染")):
        DiagnosisCode.objects.get_or_create(code=code, defaults={"name": name, "initials": "", "searchable": name, "grams": []})


@pytest.fixture(scope="module")
def all_lists(django_db_setup, django_db_blocker):
    """The shipped lists, loaded once for a file of tests and taken away after it."""
    with django_db_blocker.unblock():
        actions.load_reference_codes()
    yield
    with django_db_blocker.unblock(), transaction.atomic():
        for table in (DiagnosisCode, Substance, Orderable, LoadedList):
            table.objects.all().delete()
