"""Both doors keep what their OpenAPI description promises, whatever is sent: a described answer, never a crash."""

import json
import string
from typing import Any
from urllib.parse import urlencode

import pytest
from django.db import transaction
from django.test import Client
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from jiuyi.interop.api import mobile, partner
from jiuyi.kernel.ids import new_id
from tests.factories import callers
from tests.factories.clinic_day import TOMORROW

JUNK = st.one_of(
    st.none(), st.booleans(), st.integers(), st.text(max_size=20), st.lists(st.integers(), max_size=2), st.just({}), st.floats()
)
TRIES = settings(max_examples=6, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])


def operations(api: Any) -> list[tuple[str, str, dict[str, Any]]]:
    """Method, path and description of each operation."""
    described = api.get_openapi_schema()
    return [(method.upper(), path, each) for path, methods in described["paths"].items() for method, each in methods.items()]


def strategy(schema: dict[str, Any], whole: dict[str, Any], known: dict[str, Any]) -> st.SearchStrategy[Any]:
    """Values that fit a schema most of the time, known ids among them, and rubbish now and then."""
    if "$ref" in schema:
        return strategy(whole["components"]["schemas"][schema["$ref"].rpartition("/")[2]], whole, known)
    if "anyOf" in schema:
        return st.one_of([strategy(each, whole, known) for each in schema["anyOf"]])
    if schema.get("type") == "object":
        parts = {name: part(name, each, whole, known) for name, each in schema.get("properties", {}).items()}
        needed = {name: value for name, value in parts.items() if name in schema.get("required", ())}
        return st.one_of(st.fixed_dictionaries(parts), st.fixed_dictionaries(needed), st.fixed_dictionaries({}), JUNK)
    plain = st.text(alphabet=string.printable + "李一\u0000", max_size=30)
    fitting = {
        "uuid": st.one_of(st.sampled_from([str(value) for value in known.values()]), st.uuids().map(str)),
        "date-time": st.one_of(st.datetimes(timezones=st.timezones()).map(lambda each: each.isoformat()), st.just(TOMORROW.isoformat())),
        "date": st.one_of(st.dates().map(str), st.just(str(TOMORROW.date()))),
        "boolean": st.booleans(),
    }
    return st.one_of(fitting.get(schema.get("format") or schema.get("type", ""), plain), JUNK)


def part(name: str, schema: dict[str, Any], whole: dict[str, Any], known: dict[str, Any]) -> st.SearchStrategy[Any]:
    """A property; one with the name of a known thing is often that thing."""
    made = strategy(schema, whole, known)
    return st.one_of(st.just(str(known[name])), made) if name in known else made


def things(day: Any) -> dict[str, Any]:
    """What the addresses and bodies may name."""
    return {
        "organization_id": day.hospital_id,
        "department_id": day.room.department_id,
        "practitioner_id": day.room.practitioner_id,
        "session_id": day.tomorrow_id,
        "person_id": day.person_id,
        "appointment_id": new_id(),
        "key": new_id(),
    }


def check(answer: Any, description: dict[str, Any]) -> None:
    """The status is described; every "no" has its shape."""
    assert answer.status_code < 500 or answer.status_code == 503
    assert answer.status_code in {int(code) for code in description["responses"]}, answer.content
    if answer.status_code >= 400:
        assert set(answer.json()) == {"code", "message", "conflicts", "fields", "nearest"}


def address_of(path: str, known: dict[str, Any]) -> str:
    return path.format(**{name: known.get(name, new_id()) for name in [piece.split("}")[0] for piece in path.split("{")[1:]]})


def query_of(data: Any, described: dict[str, Any], whole: dict[str, Any], known: dict[str, Any]) -> str:
    asked = {
        each["name"]: data.draw(part(each["name"], each["schema"], whole, known))
        for each in described.get("parameters", ())
        if each["in"] == "query"
    }
    return urlencode({name: value for name, value in asked.items() if value is not None})


def body_of(data: Any, described: dict[str, Any], whole: dict[str, Any], known: dict[str, Any]) -> bytes:
    if "requestBody" not in described:
        return b""
    schema = described["requestBody"]["content"]["application/json"]["schema"]
    if data.draw(st.integers(0, 9)) == 0:
        return data.draw(st.binary(max_size=20))
    return json.dumps(data.draw(strategy(schema, whole, known))).encode()


@pytest.mark.parametrize(("method", "path", "described"), operations(mobile.api), ids=lambda each: each if isinstance(each, str) else "")
@given(data=st.data())
@TRIES
def test_the_mini_programmes_door_keeps_its_description(day, method, path, described, data):
    known, whole = things(day), mobile.api.get_openapi_schema()
    phone = callers.mini_programme(day.account)
    with transaction.atomic():
        headers = {"Authorization": f"Bearer {phone.token}"} if "security" in described else {}
        if any(each["in"] == "header" for each in described.get("parameters", ())):
            headers["Idempotency-Key"] = data.draw(st.one_of(st.uuids().map(str), st.just("no key")))
        address = address_of(path, known)
        query = query_of(data, described, whole, known)
        body = body_of(data, described, whole, known)
        answer = Client().generic(method, f"{address}?{query}", body, content_type="application/json", headers=headers)
        transaction.set_rollback(True)
    check(answer, described)


@pytest.mark.parametrize(("method", "path", "described"), operations(partner.api), ids=lambda each: each if isinstance(each, str) else "")
@given(data=st.data())
@TRIES
def test_the_partners_door_keeps_its_description(day, method, path, described, data):
    known, whole = things(day), partner.api.get_openapi_schema()
    with transaction.atomic():
        platform = callers.partner(day.hospital_id)
        query = query_of(data, described, whole, known)
        body = body_of(data, described, whole, known)
        address = f"{address_of(path, known)}?{query}" if query else address_of(path, known)
        header = platform.signed(method, address, body)
        answer = Client().generic(method, address, body, content_type="application/json", headers={"Authorization": header})
        transaction.set_rollback(True)
    check(answer, described)


def test_every_operation_describes_its_refusals() -> None:
    for _, path, described in (*operations(mobile.api), *operations(partner.api)):
        if "security" in described:
            assert {"401", "404", "422"} <= {str(code) for code in described["responses"]}, path
