"""People of a work team, in moto's Cognito."""

from __future__ import annotations

import json
from typing import Any

import pytest
from botocore.exceptions import ClientError
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from ground_truth_functions import workers
from ground_truth_functions.aws import client
from ground_truth_functions.custom_resource import Outcome, stable_physical_id
from ground_truth_functions.workers import OWNER_ATTRIBUTE, WorkersError, parse_team, reconcile
from tests.unit.functions.conftest import STACK_ID, make_request

GROUP = "labelers"
OTHER_STACK = "arn:aws:cloudformation:us-east-1:123456789012:stack/Other/1"


class PoolOfMoto:
    """A user pool as the account stack makes it, and what a test wants to know of it."""

    def __init__(self, *groups: str, takes_marks: bool = True) -> None:
        self.cognito = client("cognito-idp")
        name = "ground_truth_owner" if takes_marks else "nothing_of_ours"
        self.id = self.cognito.create_user_pool(
            PoolName="workers",
            UsernameAttributes=["email"],
            UsernameConfiguration={"CaseSensitive": False},
            Schema=[{"Name": name, "AttributeDataType": "String", "Mutable": True}],
        )["UserPool"]["Id"]
        for group in groups:
            self.cognito.create_group(UserPoolId=self.id, GroupName=group)

    def add_person(self, email: str, *, owner: str | None = None) -> None:
        attributes = {"email": email} | ({OWNER_ATTRIBUTE: owner} if owner else {})
        self.cognito.admin_create_user(
            UserPoolId=self.id,
            Username=email,
            UserAttributes=[{"Name": n, "Value": v} for n, v in attributes.items()],
        )

    def disable(self, email: str) -> None:
        self.cognito.admin_disable_user(UserPoolId=self.id, Username=email)

    def properties(self, *emails: str, group: str = GROUP) -> dict[str, Any]:
        people = [{"Email": email} for email in emails]
        return {"UserPoolId": self.id, "GroupName": group, "Workers": people}

    def members(self, group: str = GROUP) -> list[str]:
        users = self.cognito.list_users_in_group(UserPoolId=self.id, GroupName=group)["Users"]
        return sorted(_attributes(user["Attributes"])["email"] for user in users)

    def accounts(self) -> dict[str, tuple[bool, str | None]]:
        """E-mail to (enabled, owner)."""
        found = {}
        for user in self.cognito.list_users(UserPoolId=self.id)["Users"]:
            attributes = _attributes(user["Attributes"])
            found[attributes["email"]] = (user["Enabled"], attributes.get(OWNER_ATTRIBUTE))
        return found

    def subs(self) -> dict[str, str]:
        people = [
            _attributes(user["Attributes"])
            for user in self.cognito.list_users(UserPoolId=self.id)["Users"]
        ]
        return {person["email"]: person["sub"] for person in people}


def _attributes(pairs: Any) -> dict[str, str]:
    return {pair["Name"]: pair["Value"] for pair in pairs}


@pytest.fixture
def pool(cloud: None) -> PoolOfMoto:
    return PoolOfMoto(GROUP)


def create(pool: PoolOfMoto, *emails: str) -> Outcome:
    return reconcile(make_request(properties=pool.properties(*emails)))


def update(old: dict[str, Any], new: dict[str, Any]) -> Outcome:
    return reconcile(make_request("Update", properties=new, old_properties=old))


def delete(properties: dict[str, Any]) -> Outcome:
    return reconcile(make_request("Delete", properties=properties))


def test_creates_people_marks_them_and_makes_them_members(pool: PoolOfMoto) -> None:
    outcome = create(pool, "ada@example.com", "ben@example.com")
    assert outcome == Outcome(physical_id=stable_physical_id(make_request()))
    assert pool.members() == ["ada@example.com", "ben@example.com"]
    assert pool.accounts() == {
        "ada@example.com": (True, STACK_ID),
        "ben@example.com": (True, STACK_ID),
    }


def test_invites_by_mail_and_trusts_the_address(pool: PoolOfMoto) -> None:
    seen: list[dict[str, Any]] = []
    pool.cognito.meta.events.register(
        "provide-client-params.cognito-idp.AdminCreateUser",
        lambda params, **_: seen.append(dict(params)),
    )
    create(pool, "ada@example.com")
    (params,) = seen
    assert params["DesiredDeliveryMediums"] == ["EMAIL"]
    assert params.get("MessageAction") is None
    assert _attributes(params["UserAttributes"])["email_verified"] == "true"


def test_only_adds_the_membership_of_somebody_elses_person(pool: PoolOfMoto) -> None:
    pool.add_person("ada@example.com")
    pool.add_person("ben@example.com", owner=OTHER_STACK)
    create(pool, "ada@example.com", "ben@example.com")
    assert pool.members() == ["ada@example.com", "ben@example.com"]
    assert pool.accounts() == {
        "ada@example.com": (True, None),
        "ben@example.com": (True, OTHER_STACK),
    }


@pytest.mark.parametrize("owner", [None, OTHER_STACK])
def test_leaves_somebody_elses_person_enabled_on_removal(
    pool: PoolOfMoto, owner: str | None
) -> None:
    pool.add_person("ada@example.com", owner=owner)
    create(pool, "ada@example.com")
    update(pool.properties("ada@example.com"), pool.properties())
    assert pool.members() == []
    assert pool.accounts() == {"ada@example.com": (True, owner)}


def test_finds_a_person_whose_address_is_written_differently(pool: PoolOfMoto) -> None:
    pool.add_person("ada@example.com")
    create(pool, "Ada@Example.COM")
    assert pool.members() == ["ada@example.com"]
    assert len(pool.accounts()) == 1


def test_takes_addresses_that_differ_in_case_for_one_person(pool: PoolOfMoto) -> None:
    create(pool, "Ada@example.com", "ada@EXAMPLE.com ", "ada@example.com")
    assert pool.accounts() == {"ada@example.com": (True, STACK_ID)}


def test_keeps_a_person_whose_spelling_changed(pool: PoolOfMoto) -> None:
    create(pool, "ada@example.com")
    update(pool.properties("ada@example.com"), pool.properties("ADA@example.com"))
    assert pool.members() == ["ada@example.com"]
    assert pool.accounts() == {"ada@example.com": (True, STACK_ID)}


def test_disables_but_keeps_our_person_on_removal(pool: PoolOfMoto) -> None:
    create(pool, "ada@example.com", "ben@example.com")
    before = pool.subs()
    update(
        pool.properties("ada@example.com", "ben@example.com"), pool.properties("ben@example.com")
    )
    assert pool.members() == ["ben@example.com"]
    assert pool.accounts() == {
        "ada@example.com": (False, STACK_ID),
        "ben@example.com": (True, STACK_ID),
    }
    assert pool.subs() == before


def test_leaves_our_person_enabled_while_another_group_has_them(pool: PoolOfMoto) -> None:
    pool.cognito.create_group(UserPoolId=pool.id, GroupName="another-team")
    create(pool, "ada@example.com")
    pool.cognito.admin_add_user_to_group(
        UserPoolId=pool.id, Username="ada@example.com", GroupName="another-team"
    )
    update(pool.properties("ada@example.com"), pool.properties())
    assert pool.members() == []
    assert pool.members("another-team") == ["ada@example.com"]
    assert pool.accounts() == {"ada@example.com": (True, STACK_ID)}


def test_enables_our_person_again_when_re_added(pool: PoolOfMoto) -> None:
    create(pool, "ada@example.com")
    before = pool.subs()
    update(pool.properties("ada@example.com"), pool.properties())
    update(pool.properties(), pool.properties("ada@example.com"))
    assert pool.members() == ["ada@example.com"]
    assert pool.accounts() == {"ada@example.com": (True, STACK_ID)}
    assert pool.subs() == before


def test_takes_over_people_an_earlier_stack_has_let_go(pool: PoolOfMoto) -> None:
    pool.add_person("ada@example.com", owner=OTHER_STACK)
    pool.disable("ada@example.com")
    create(pool, "ada@example.com")
    assert pool.members() == ["ada@example.com"]
    assert pool.accounts() == {"ada@example.com": (True, STACK_ID)}


def test_leaves_a_member_who_was_disabled_by_hand_disabled(pool: PoolOfMoto) -> None:
    create(pool, "ada@example.com")
    pool.disable("ada@example.com")
    update(
        pool.properties("ada@example.com"), pool.properties("ada@example.com", "ben@example.com")
    )
    assert pool.members() == ["ada@example.com", "ben@example.com"]
    assert pool.accounts()["ada@example.com"] == (False, STACK_ID)


def test_leaves_somebody_elses_disabled_person_disabled(pool: PoolOfMoto) -> None:
    pool.add_person("ada@example.com")
    pool.disable("ada@example.com")
    create(pool, "ada@example.com")
    assert pool.accounts() == {"ada@example.com": (False, None)}


def test_lets_everybody_go_on_delete(pool: PoolOfMoto) -> None:
    pool.add_person("cleo@example.com")
    create(pool, "ada@example.com", "cleo@example.com")
    delete(pool.properties("ada@example.com", "cleo@example.com"))
    assert pool.members() == []
    assert pool.accounts() == {
        "ada@example.com": (False, STACK_ID),
        "cleo@example.com": (True, None),
    }


@pytest.mark.parametrize("kind", ["Create", "Update", "Delete"])
def test_a_repeated_event_changes_nothing_more(pool: PoolOfMoto, kind: str) -> None:
    old = pool.properties("ada@example.com", "ben@example.com")
    reconcile(make_request(properties=old))
    new = old if kind != "Update" else pool.properties("ben@example.com", "cleo@example.com")
    request = make_request(kind, properties=new, old_properties=old if kind == "Update" else {})
    reconcile(request)
    first = (pool.members(), pool.accounts(), pool.subs())
    reconcile(request)
    assert (pool.members(), pool.accounts(), pool.subs()) == first


def test_a_rolled_back_update_restores_the_team(pool: PoolOfMoto) -> None:
    old = pool.properties("ada@example.com", "ben@example.com")
    new = pool.properties("ben@example.com", "cleo@example.com")
    reconcile(make_request(properties=old))
    update(old, new)
    update(new, old)
    assert pool.members() == ["ada@example.com", "ben@example.com"]
    assert pool.accounts() == {
        "ada@example.com": (True, STACK_ID),
        "ben@example.com": (True, STACK_ID),
        "cleo@example.com": (False, STACK_ID),
    }


def test_moves_people_to_a_new_group(pool: PoolOfMoto) -> None:
    pool.cognito.create_group(UserPoolId=pool.id, GroupName="renamed")
    create(pool, "ada@example.com", "ben@example.com")
    update(
        pool.properties("ada@example.com", "ben@example.com"),
        pool.properties("ada@example.com", group="renamed"),
    )
    assert pool.members() == []
    assert pool.members("renamed") == ["ada@example.com"]
    assert pool.accounts() == {
        "ada@example.com": (True, STACK_ID),
        "ben@example.com": (False, STACK_ID),
    }


def test_moves_people_to_a_new_pool(pool: PoolOfMoto) -> None:
    other = PoolOfMoto(GROUP)
    create(pool, "ada@example.com")
    update(pool.properties("ada@example.com"), other.properties("ada@example.com"))
    assert pool.members() == []
    assert pool.accounts() == {"ada@example.com": (False, STACK_ID)}
    assert other.members() == ["ada@example.com"]
    assert other.accounts() == {"ada@example.com": (True, STACK_ID)}


def test_delete_is_done_when_pool_group_or_person_are_gone(pool: PoolOfMoto) -> None:
    properties = pool.properties("ada@example.com", "never@example.com")
    create(pool, "ada@example.com")
    pool.cognito.delete_group(UserPoolId=pool.id, GroupName=GROUP)
    delete(properties)
    assert pool.accounts() == {"ada@example.com": (False, STACK_ID)}
    pool.cognito.delete_user_pool(UserPoolId=pool.id)
    assert delete(properties).physical_id == stable_physical_id(make_request())


def test_update_away_from_a_pool_that_is_gone_works(pool: PoolOfMoto) -> None:
    other = PoolOfMoto(GROUP)
    create(pool, "ada@example.com")
    pool.cognito.delete_user_pool(UserPoolId=pool.id)
    update(pool.properties("ada@example.com"), other.properties("ada@example.com"))
    assert other.members() == ["ada@example.com"]


@pytest.mark.parametrize("properties", [{}, {"UserPoolId": "p", "GroupName": "g", "Workers": "x"}])
def test_delete_is_done_when_the_properties_never_led_to_anything(
    pool: PoolOfMoto, properties: dict[str, Any]
) -> None:
    assert delete(properties).physical_id == stable_physical_id(make_request())


def test_create_names_a_pool_that_is_missing(pool: PoolOfMoto) -> None:
    properties = pool.properties("ada@example.com")
    pool.cognito.delete_user_pool(UserPoolId=pool.id)
    with pytest.raises(ClientError, match="ResourceNotFoundException"):
        reconcile(make_request(properties=properties))


class RefusingCognito:
    """Refuses one operation as AWS would, and hands everything else on."""

    def __init__(self, real: Any, operation: str, code: str) -> None:
        self._real, self._operation, self._code = real, operation, code

    def __getattr__(self, name: str) -> Any:
        if name != self._operation:
            return getattr(self._real, name)

        def refuse(**_: Any) -> None:
            raise ClientError({"Error": {"Code": self._code, "Message": "no"}}, name)

        return refuse


def test_delete_tells_when_it_is_not_allowed(
    pool: PoolOfMoto, monkeypatch: pytest.MonkeyPatch
) -> None:
    create(pool, "ada@example.com")
    refusing = RefusingCognito(
        pool.cognito, "admin_remove_user_from_group", "AccessDeniedException"
    )
    monkeypatch.setattr(workers, "client", lambda _name: refusing)
    with pytest.raises(ClientError, match="AccessDenied"):
        delete(pool.properties("ada@example.com"))


def test_names_the_person_who_could_not_be_invited(
    pool: PoolOfMoto, monkeypatch: pytest.MonkeyPatch
) -> None:
    refusing = RefusingCognito(pool.cognito, "admin_create_user", "LimitExceededException")
    monkeypatch.setattr(workers, "client", lambda _name: refusing)
    with pytest.raises(WorkersError, match=r"^a…@example.com could not be invited") as caught:
        create(pool, "ada@example.com")
    assert "LimitExceededException" in str(caught.value.__cause__)


def test_finds_a_person_the_listing_does_not_show_yet(
    pool: PoolOfMoto, monkeypatch: pytest.MonkeyPatch
) -> None:
    create(pool, "ada@example.com")
    update(pool.properties("ada@example.com"), pool.properties())

    class Lagging(RefusingCognito):
        def list_users(self, **_: Any) -> dict[str, Any]:
            return {"Users": []}

    lagging = Lagging(pool.cognito, "nothing", "")
    monkeypatch.setattr(workers, "client", lambda _name: lagging)
    create(pool, "ada@example.com")
    assert pool.members() == ["ada@example.com"]
    assert pool.accounts() == {"ada@example.com": (True, STACK_ID)}


def test_adopts_a_person_who_appears_while_being_created(
    pool: PoolOfMoto, monkeypatch: pytest.MonkeyPatch
) -> None:
    pool.add_person("ada@example.com", owner=STACK_ID)
    looked: list[str] = []
    real_get = workers.Pool._get

    def get_late(self: workers.Pool, username: str) -> workers.Person | None:
        looked.append(username)
        return None if len(looked) == 1 else real_get(self, username)

    monkeypatch.setattr(workers.Pool, "_get", get_late)
    monkeypatch.setattr(pool.cognito, "list_users", lambda **_: {"Users": []})
    create(pool, "ada@example.com")
    assert pool.members() == ["ada@example.com"]
    assert len(looked) == 2


@pytest.mark.parametrize(
    ("properties", "message"),
    [
        ({}, "UserPoolId and GroupName must be given"),
        ({"UserPoolId": "p", "GroupName": "", "Workers": []}, "UserPoolId and GroupName must"),
        ({"UserPoolId": "p", "GroupName": "g"}, "Workers must be a list"),
        ({"UserPoolId": "p", "GroupName": "g", "Workers": "ada@x.org"}, "Workers must be a list"),
        ({"UserPoolId": "p", "GroupName": "g", "Workers": ["ada@x.org"]}, r"Workers\[0\] has no"),
        (
            {"UserPoolId": "p", "GroupName": "g", "Workers": [{"Email": "a@b"}, {"Email": "b"}]},
            r"Workers\[1\] has no Email",
        ),
    ],
)
def test_says_which_property_is_wrong(properties: dict[str, Any], message: str) -> None:
    with pytest.raises(WorkersError, match=message):
        parse_team(properties)


json_values = st.recursive(
    st.none() | st.booleans() | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner),
    max_leaves=6,
)


@given(
    st.fixed_dictionaries(
        {"UserPoolId": st.just("p"), "GroupName": st.just("g")},
        optional={
            "Workers": json_values
            | st.lists(st.fixed_dictionaries({"Email": st.emails() | json_values}), max_size=5)
        },
    )
)
def test_any_properties_give_a_team_or_an_error_that_says_why(properties: dict[str, Any]) -> None:
    try:
        team = parse_team(json.loads(json.dumps(properties)))
    except WorkersError as error:
        assert "Workers" in str(error)
    else:
        assert len(set(team.emails)) == len(team.emails)
        assert all(email == email.lower() and "@" in email for email in team.emails)


def test_needs_no_change_of_attributes_to_enable_our_own_person(
    pool: PoolOfMoto, monkeypatch: pytest.MonkeyPatch
) -> None:
    create(pool, "ada@example.com")
    update(pool.properties("ada@example.com"), pool.properties())
    refusing = RefusingCognito(
        pool.cognito, "admin_update_user_attributes", "AccessDeniedException"
    )
    monkeypatch.setattr(workers, "client", lambda _name: refusing)
    create(pool, "ada@example.com")
    assert pool.accounts() == {"ada@example.com": (True, STACK_ID)}


@settings(max_examples=6, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(st.sets(st.sampled_from(["ada", "ben", "cleo"])), max_size=4))
def test_any_sequence_of_lists_ends_with_the_last_and_everybody_stays_who_they_are(
    cloud: None, lists: list[set[str]]
) -> None:
    pool = PoolOfMoto(GROUP)
    old, ever, subs = pool.properties(), set[str](), dict[str, str]()
    reconcile(make_request(properties=old))
    for names in lists:
        emails = {f"{name}@example.com" for name in names}
        new = pool.properties(*emails)
        update(old, new)
        old, ever = new, ever | emails
        assert pool.members() == sorted(emails)
        assert pool.accounts() == {email: (email in emails, STACK_ID) for email in ever}
        assert pool.subs().items() >= subs.items()
        subs = pool.subs()


def adopted(properties: dict[str, Any]) -> dict[str, Any]:
    return {**properties, "Adopted": "true"}


def test_people_made_in_an_adopted_pool_that_takes_marks_are_ours(pool: PoolOfMoto) -> None:
    reconcile(make_request(properties=adopted(pool.properties("ada@example.com"))))
    assert pool.accounts() == {"ada@example.com": (True, STACK_ID)}
    update(adopted(pool.properties("ada@example.com")), adopted(pool.properties()))
    assert pool.accounts() == {"ada@example.com": (False, STACK_ID)}


def test_nobody_in_a_pool_that_takes_no_marks_is_disabled_or_enabled(cloud: None) -> None:
    pool = PoolOfMoto(GROUP, takes_marks=False)
    pool.add_person("ben@example.com")
    pool.disable("ben@example.com")
    wanted = adopted(pool.properties("ada@example.com", "ben@example.com"))
    reconcile(make_request(properties=wanted))
    before = pool.subs()
    assert pool.members() == ["ada@example.com", "ben@example.com"]
    delete(wanted)
    assert pool.members() == []
    assert pool.accounts() == {"ada@example.com": (True, None), "ben@example.com": (False, None)}
    reconcile(make_request(properties=wanted))
    assert pool.subs() == before


def test_deployment_without_changes_brings_back_who_was_taken_out_by_hand(
    pool: PoolOfMoto,
) -> None:
    properties = pool.properties("ada@example.com")
    create(pool, "ada@example.com")
    pool.cognito.admin_remove_user_from_group(
        UserPoolId=pool.id, Username="ada@example.com", GroupName=GROUP
    )
    update({**properties, "Deployment": "1"}, {**properties, "Deployment": "2"})
    assert pool.members() == ["ada@example.com"]
