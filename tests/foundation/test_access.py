"""A role held at a node counts there and below; nothing else gives a right."""

import pytest
from django.contrib.auth import authenticate
from django.db import IntegrityError, transaction
from django.test import override_settings

from jiuyi.foundation import access, audit, journal
from jiuyi.foundation.access import SYSTEM, Actor, ActorKind, OfficersApart, UsernameTaken
from jiuyi.foundation.models import JournalEntry, RoleAssignment, StaffUser
from jiuyi.kernel.ids import new_id
from jiuyi.kernel.refusals import Invalid, NotAllowed, NotFound
from tests.foundation.conftest import staff_at

PASSWORD = "clear-mountain-7-stream"


@pytest.fixture(autouse=True)
def _roles():
    access.register_roles(
        {
            "clerk": frozenset({"thing.paint"}),
            "admin": frozenset({access.ASSIGN_ROLES, access.CREATE_STAFF}),
        }
    )


def hire(now, username="w001", **more):
    return access.create_staff_user(actor=SYSTEM, now=now, username=username, display_name="李四", password=PASSWORD, **more)


@pytest.mark.parametrize(
    ("_case", "held_at", "asked_at", "allowed"),
    [
        ("at the node itself", "hospital", "hospital", True),
        ("below it", "hospital", "ward", True),
        ("at the root, far below", "county", "ward", True),
        ("not above it", "ward", "hospital", False),
        ("not beside it", "hospital", "township", False),
        ("the whole house needs the root", "hospital", None, False),
        ("the root is the whole house", "county", None, True),
    ],
)
def test_a_role_counts_downward(tree, _case, held_at, asked_at, allowed):
    actor = staff_at(getattr(tree, held_at), "clerk")
    node_id = getattr(tree, asked_at) if asked_at else None
    assert access.may(actor, "thing.paint", node_id) is allowed
    if allowed:
        access.require(actor, "thing.paint", node_id)
    else:
        with pytest.raises(NotAllowed):
            access.require(actor, "thing.paint", node_id)


@pytest.mark.parametrize(
    ("_case", "role", "permission"), [("another permission", "clerk", "thing.break"), ("an unwired role", "king", "thing.paint")]
)
def test_a_role_gives_only_what_was_wired(tree, _case, role, permission):
    actor = staff_at(tree.county, role)
    assert access.may(actor, permission, tree.ward) is False
    assert access.may_somewhere(actor, permission) is False


@pytest.mark.parametrize("kind", [ActorKind.PATIENT, ActorKind.STAFF, ActorKind.DEVICE])
def test_without_a_role_nobody_may_anything(tree, kind):
    assert access.may(Actor(kind, new_id()), "thing.paint", tree.ward) is False


def test_the_system_may_all(tree):
    assert access.may(SYSTEM, "thing.paint", tree.ward)
    assert access.may(access.system("listeners"), "anything", None)
    assert access.system("listeners") == access.system("listeners") != access.system("other")


def test_an_unknown_node_is_nobodys(tree):
    assert access.may(staff_at(tree.county, "clerk"), "thing.paint", new_id()) is False


def test_where_a_menu_is_shown(tree):
    actor = staff_at(tree.ward, "clerk")
    assert access.may_somewhere(actor, "thing.paint")
    assert access.nodes_with(actor, "thing.paint") == {tree.ward}


class TestAccounts:
    def test_a_new_account_can_sign_in_and_holds_nothing(self, tree, now, rf):
        user_id = hire(now)
        user = authenticate(rf.post("/"), username="w001", password=PASSWORD)
        assert user is not None
        assert user.id == user_id
        assert access.actor_of_user(user, None) == Actor(ActorKind.STAFF, user_id)
        assert JournalEntry.objects.filter(name="foundation.StaffUserCreated", payload__user_id=str(user_id)).count() == 1

    def test_a_work_number_belongs_to_one_account(self, tree, now):
        hire(now)
        with pytest.raises(UsernameTaken) as refused:
            hire(now)
        assert set(refused.value.fields) == {"username"}
        assert StaffUser.objects.count() == 1

    @override_settings(
        AUTH_PASSWORD_VALIDATORS=[{"NAME": "django.contrib.auth.password_validation.MinimumLengthValidator", "OPTIONS": {"min_length": 10}}]
    )
    def test_all_that_is_wrong_is_said_at_once(self, tree, now):
        with pytest.raises(Invalid) as refused:
            access.create_staff_user(actor=SYSTEM, now=now, username=" ", display_name="", password="short")
        assert set(refused.value.fields) == {"username", "display_name", "password"}
        assert not StaffUser.objects.exists()

    def test_a_work_number_that_is_too_long(self, tree, now):
        with pytest.raises(Invalid) as refused:
            hire(now, username="9" * 41)
        assert set(refused.value.fields) == {"username"}

    def test_opening_an_account_needs_the_permission_there(self, tree, now):
        admin = staff_at(tree.hospital, "admin")
        with pytest.raises(NotAllowed):
            access.create_staff_user(actor=admin, now=now, username="w2", display_name="王五", node_id=tree.township)
        with pytest.raises(NotAllowed):
            access.create_staff_user(actor=admin, now=now, username="w2", display_name="王五")
        assert not StaffUser.objects.exists()
        access.create_staff_user(actor=admin, now=now, username="w2", display_name="王五", node_id=tree.ward)

    def test_without_a_password_nobody_signs_in(self, tree, now, rf):
        access.create_staff_user(actor=SYSTEM, now=now, username="w003", display_name="赵六")
        assert authenticate(rf.post("/"), username="w003", password="") is None


class TestRoles:
    def test_a_role_is_given_recorded_and_witnessed(self, tree, now):
        admin, user_id = staff_at(tree.hospital, "admin"), hire(now)
        assignment = access.assign_role(actor=admin, user_id=user_id, role="clerk", node_id=tree.hospital, now=now)
        actor = access.actor_of_user(StaffUser.objects.get(id=user_id), new_id())
        assert access.may(actor, "thing.paint", tree.ward)
        assert not access.may(actor, "thing.paint", tree.township)
        assert [row.role for row in access.roles_of(user_id)] == ["clerk"]
        witnessed = audit.entries(act="access.assign_role", object_id=assignment)
        assert [(row.actor_id, row.reason) for row in witnessed] == [(admin.id, "clerk")]
        assert JournalEntry.objects.filter(payload__assignment_id=str(assignment)).count() == 1

    def test_giving_it_twice_changes_nothing(self, tree, now):
        user_id = hire(now)
        given = [access.assign_role(actor=SYSTEM, user_id=user_id, role="clerk", node_id=tree.ward, now=now) for _ in "12"]
        assert given[0] == given[1]
        assert RoleAssignment.objects.count() == 1

    @pytest.mark.parametrize(
        ("_case", "at", "role", "node", "refusal"),
        [
            ("beside the admin's own node", "hospital", "clerk", "township", NotAllowed),
            ("above it", "ward", "clerk", "hospital", NotAllowed),
            ("a role that does not exist", "county", "king", "ward", Invalid),
        ],
    )
    def test_roles_are_given_within_ones_own_node_only(self, tree, now, _case, at, role, node, refusal):  # noqa: PLR0917  # the table's columns
        admin, user_id = staff_at(getattr(tree, at), "admin"), hire(now)
        with pytest.raises(refusal):
            access.assign_role(actor=admin, user_id=user_id, role=role, node_id=getattr(tree, node), now=now)
        assert not RoleAssignment.objects.exists()

    def test_nobody_gives_roles_to_oneself(self, tree, now):
        user_id = hire(now)
        access.assign_role(actor=SYSTEM, user_id=user_id, role="admin", node_id=tree.county, now=now)
        oneself = access.actor_of_user(StaffUser.objects.get(id=user_id), new_id())
        with pytest.raises(NotAllowed):
            access.assign_role(actor=oneself, user_id=user_id, role="clerk", node_id=tree.county, now=now)
        assert [row.role for row in access.roles_of(user_id)] == ["admin"]

    @pytest.mark.parametrize(
        ("_case", "first", "second"),
        [
            ("an officer becomes a clerk", "admin", "clerk"),
            ("a clerk becomes an officer", "clerk", "admin"),
            ("one officer becomes another", "admin", "auditor"),
        ],
    )
    def test_an_officer_holds_no_second_role(self, tree, now, _case, first, second):
        access.register_roles({**access.registered_roles(), "auditor": frozenset({access.READ_AUDIT})})
        user_id = hire(now)
        held = access.assign_role(actor=SYSTEM, user_id=user_id, role=first, node_id=tree.county, now=now)
        with pytest.raises(OfficersApart):
            access.assign_role(actor=SYSTEM, user_id=user_id, role=second, node_id=tree.ward, now=now)
        assert [row.role for row in access.roles_of(user_id)] == [first]

        access.assign_role(actor=SYSTEM, user_id=user_id, role=first, node_id=tree.ward, now=now)  # the same one elsewhere
        access.end_role(actor=SYSTEM, assignment_id=held, now=now)
        assert [row.role for row in access.roles_of(user_id)] == [first]

    def test_unknown_accounts_and_nodes(self, tree, now):
        with pytest.raises(NotFound):
            access.assign_role(actor=SYSTEM, user_id=new_id(), role="clerk", node_id=tree.ward, now=now)
        with pytest.raises(NotFound):
            access.assign_role(actor=SYSTEM, user_id=hire(now), role="clerk", node_id=new_id(), now=now)

    def test_an_ended_role_gives_nothing_and_its_row_stays(self, tree, now):
        user_id = hire(now)
        assignment = access.assign_role(actor=SYSTEM, user_id=user_id, role="clerk", node_id=tree.ward, now=now)
        with pytest.raises(NotAllowed):
            access.end_role(actor=staff_at(tree.township, "admin"), assignment_id=assignment, now=now)
        access.end_role(actor=SYSTEM, assignment_id=assignment, now=now)
        assert access.actor_of_user(StaffUser.objects.get(id=user_id), None).grants == frozenset()
        row = RoleAssignment.objects.get()
        assert (row.ended_by, row.ended_at) == (SYSTEM.id, now)
        with pytest.raises(NotFound):
            access.end_role(actor=SYSTEM, assignment_id=assignment, now=now)
        assert access.assign_role(actor=SYSTEM, user_id=user_id, role="clerk", node_id=tree.ward, now=now) != assignment

    def test_a_closed_account_holds_nothing(self, tree, now):
        user_id = hire(now)
        access.assign_role(actor=SYSTEM, user_id=user_id, role="clerk", node_id=tree.ward, now=now)
        StaffUser.objects.filter(id=user_id).update(is_active=False)
        assert access.actor_of_user(StaffUser.objects.get(id=user_id), None).grants == frozenset()

    def test_the_database_refuses_the_same_role_twice(self, tree, now):
        row = {"user_id": hire(now), "role": "clerk", "node_id": tree.ward, "assigned_by": SYSTEM.id, "assigned_at": now}
        RoleAssignment.objects.create(**row)
        with pytest.raises(IntegrityError), transaction.atomic():
            RoleAssignment.objects.create(**row)


def test_every_wired_listener_resolves():
    for listener in journal.registered_listeners():
        assert callable(listener.resolve()), listener.path
