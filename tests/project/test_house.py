"""The house's name and telephone stand on pages, and their absence breaks none."""

import pytest
from django.db import DatabaseError
from django.test import Client
from django.urls import reverse

from jiuyi.domains.organizations import actions as organizations
from jiuyi.domains.organizations.words import OrganizationKind
from jiuyi.foundation import scopes
from jiuyi.foundation.access import SYSTEM
from jiuyi.project import house as context
from tests.factories.institutions import NOW

pytestmark = pytest.mark.django_db


def page():
    return Client().get(reverse("patient:home")).content.decode()


def test_the_house_is_named_with_its_telephone():
    scopes.forget()
    organizations.add_organization(actor=SYSTEM, now=NOW, kind=OrganizationKind.CONSORTIUM, name="青禾县医共体")
    organizations.add_organization(actor=SYSTEM, now=NOW, kind=OrganizationKind.COUNTY_HOSPITAL, name="县医院", phone="0100-1234567")

    assert "青禾县医共体" in page()
    assert "tel:0100-1234567" in page()


def test_an_empty_database_has_a_welcome_all_the_same():
    assert "就医" in page()


def test_a_page_without_a_database_can_still_be_shown(monkeypatch):
    def fails(*_):
        raise DatabaseError

    monkeypatch.setattr(context.scopes, "root_id", fails)
    monkeypatch.setattr(context.organizations, "organizations", fails)

    assert "预约门诊" in page()
