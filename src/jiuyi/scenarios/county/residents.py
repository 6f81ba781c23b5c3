"""Three thousand invented people in households: couples, children, grandparents, twins, namesakes and guests from abroad."""

import calendar
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from datetime import date, timedelta
from random import Random
from uuid import UUID

from jiuyi.domains.identity.words import IdentifierType, Relation, Sex
from jiuyi.scenarios.county import names, places
from jiuyi.scenarios.county.numbers import Numbers, named_phone
from jiuyi.scenarios.county.world import FamilyLink, Resident, world_id

RESIDENTS = 3000
ACCOUNT_SHARE = 0.02
_ADULT = 18
_WITHOUT_PHONE_SHARE = 0.25  # of people over seventy: they are reached by a child's phone
_OLD = 70
_TWINS = 4
_CLAN_SHARE = 0.55  # villages of one or two surnames
_NAMESAKES = ("王秀英", Sex.FEMALE, (1941, 1952, 1952, 1968), "望禾村")
# Substance codes of the encounters department's reference list.
_ALLERGENS = (("penicillins",), ("cephalosporins",), ("sulfonamides",), ("iodinated_contrast",), ("penicillins", "seafood"))


@dataclass(slots=True)
class _Home:
    """A household while it is being filled."""

    id: UUID
    area: int
    village: str
    address: str
    surname: str
    phones: list[str] = field(default_factory=list)


@dataclass(slots=True)
class Population:
    """The people, the accounts of families and the named parts."""

    people: list[Resident] = field(default_factory=list)
    links: list[FamilyLink] = field(default_factory=list)
    cast: list[tuple[str, UUID]] = field(default_factory=list)


class _Registrar:
    """Makes people one after another, so that every draw has its fixed place in the row of draws."""

    def __init__(self, seed: int, anchor: date, rng: Random) -> None:
        self.seed = seed
        self.anchor = anchor
        self.rng = rng
        self.numbers = Numbers(rng)
        self.population = Population()
        self.homes = 0
        self.clans: dict[str, list[str]] = {}

    def home(self, settlement: tuple[int, str, str] | None = None) -> _Home:
        """An empty household somewhere in the county."""
        settlements = places.settlements()
        if settlement is None:
            in_seat = self.rng.random() < places.SEAT_SHARE
            settlement = self.rng.choice([item for item in settlements if (item[0] == 0) == in_seat])
        area, township, village = settlement
        self.homes += 1
        door = self.rng.randrange(1, 220)
        street = self.rng.choice(places.SEAT_STREETS)
        where = f"{street}{door}号{village}" if area == 0 else f"{village}{door}号"
        return _Home(
            id=world_id(self.seed, "household", self.homes),
            area=area,
            village=village,
            address=f"{places.COUNTY}{township}{where}",
            surname=self._surname(area, village),
        )

    def _surname(self, area: int, village: str) -> str:
        if village not in self.clans:
            self.clans[village] = [names.surname(self.rng) for _ in range(2)]
        in_clan = area != 0 and self.rng.random() < _CLAN_SHARE
        return self.rng.choice(self.clans[village]) if in_clan else names.surname(self.rng)

    def birth(self, least: int, most: int) -> date:
        """A day of birth of somebody who is between ``least`` and ``most`` years old on the anchor day."""
        age = self.rng.randint(least, most)
        last = _years_before(self.anchor, age)
        return last - timedelta(days=self.rng.randrange(365))

    def add(
        self,
        home: _Home,
        birth: date,
        sex: Sex,
        *,
        surname: str = "",
        name: str = "",
        phone: str | None = None,
        with_number: bool = True,
    ) -> Resident:
        """One more person of a household."""
        male = sex is Sex.MALE
        full = name or (surname or home.surname) + names.given_name(self.rng, birth.year, male=male)
        number = self.numbers.id_number(home.area, birth, male=male) if with_number else None
        resident = Resident(
            id=world_id(self.seed, "resident", len(self.population.people) + 1),
            household_id=home.id,
            name=full,
            sex=sex,
            birth_date=birth,
            id_type=IdentifierType.RESIDENT_ID if number else None,
            number=number,
            phone=phone or self._phone(home, birth),
            village=home.village,
            address=home.address,
            allergies=self._allergies(),
        )
        if resident.phone is not None and resident.phone not in home.phones:
            home.phones.append(resident.phone)
        self.population.people.append(resident)
        return resident

    def _phone(self, home: _Home, birth: date) -> str | None:
        age = (self.anchor - birth).days // 365
        if age < _ADULT or (age >= _OLD and self.rng.random() < _WITHOUT_PHONE_SHARE):
            return home.phones[0] if home.phones else None
        return self.numbers.phone()

    def _allergies(self) -> tuple[str, ...] | None:
        """Asked: nearly half of all; of these one in eight is allergic to something."""
        if self.rng.random() >= 0.45:  # noqa: PLR2004  # the shares stand in the sentence above
            return None
        return self.rng.choice(_ALLERGENS) if self.rng.random() < 0.125 else ()  # noqa: PLR2004

    def part(self, name: str, resident: Resident) -> None:
        """Give a resident a named part."""
        self.population.cast.append((name, resident.id))

    def link(self, phone: str, resident: Resident, relation: Relation, *, verified: bool) -> None:
        """Let an account look after a person."""
        self.population.links.append(FamilyLink(phone=phone, person_id=resident.id, relation=relation, verified=verified))


def settle(seed: int, anchor: date, rng: Random) -> Population:
    """The whole population: named parts first, ordinary households until three thousand."""
    registrar = _Registrar(seed, anchor, rng)
    _demo_family(registrar)
    _twins(registrar)
    _namesakes(registrar)
    _unusual(registrar)
    _guests(registrar)
    _newborns(registrar)
    while len(registrar.population.people) < RESIDENTS:
        _household(registrar, RESIDENTS - len(registrar.population.people))
    return registrar.population


def _demo_family(registrar: _Registrar) -> None:
    """The family of the tour: mother with the phone, husband, child, her mother in law without a phone."""
    home = registrar.home((4, "麦川镇", "清禾村"))
    home.surname = "陆"
    phone = named_phone(1)
    mother = registrar.add(home, registrar.birth(36, 36), Sex.FEMALE, name="周雨禾", phone=phone)
    husband = registrar.add(home, registrar.birth(38, 38), Sex.MALE, name="陆文川", phone=named_phone(2))
    child = registrar.add(home, registrar.birth(6, 6), Sex.MALE, name="陆一苇", phone=phone)
    grandmother = registrar.add(home, registrar.birth(74, 74), Sex.FEMALE, name="何桂香", phone=phone)
    parts = (
        ("demo_patient", mother, Relation.SELF, True),
        ("demo_husband", husband, Relation.SPOUSE, False),
        ("demo_child", child, Relation.CHILD, True),
        ("demo_grandmother", grandmother, Relation.PARENT, True),
    )
    for name, resident, relation, verified in parts:
        registrar.part(name, resident)
        registrar.link(phone, resident, relation, verified=verified)
    _set_allergies(registrar, {mother.id: ("penicillins",), husband.id: (), child.id: None, grandmother.id: ()})


def _set_allergies(registrar: _Registrar, answers: dict[UUID, tuple[str, ...] | None]) -> None:
    people = registrar.population.people
    for index, resident in enumerate(people):
        if resident.id in answers:
            people[index] = replace(resident, allergies=answers[resident.id])


def _twins(registrar: _Registrar) -> None:
    """Twins share birth date, surname, home and their parent's phone: the classic wrong merge (rule ID-14)."""
    for pair in range(1, _TWINS + 1):
        home = registrar.home()
        mother = registrar.add(home, registrar.birth(30, 40), Sex.FEMALE, surname=names.surname(registrar.rng))
        birth = registrar.birth(1, 12)
        for letter in "ab":
            sex = Sex.MALE if pair % 2 else Sex.FEMALE
            known = {person.name for person in registrar.population.people[-2:]}
            twin_name = _other_than(known, lambda: home.surname + names.given_name(registrar.rng, birth.year, male=sex is Sex.MALE))  # noqa: B023
            registrar.part(f"twin_{pair}{letter}", registrar.add(home, birth, sex, name=twin_name, phone=mother.phone))


def _namesakes(registrar: _Registrar) -> None:
    """Several people of one name in one village, two of them born in the same year."""
    name, sex, years, village = _NAMESAKES
    settlement = next(item for item in places.settlements() if item[2] == village)
    for rank, year in enumerate(years, start=1):
        home = registrar.home(settlement)
        day = date(year, 1, 1) + timedelta(days=registrar.rng.randrange(365))
        registrar.part(f"namesake_{rank}", registrar.add(home, day, sex, name=name))


def _unusual(registrar: _Registrar) -> None:
    for rank, (name, sex_name) in enumerate(names.UNUSUAL_NAMES, start=1):
        sex = Sex.MALE if sex_name == "male" else Sex.FEMALE
        registrar.part(f"unusual_{rank}", registrar.add(registrar.home(), registrar.birth(20, 60), sex, name=name))


def _guests(registrar: _Registrar) -> None:
    """People from abroad come with a passport, from Hong Kong with a pass; the numbers are invented."""
    for rank, (name, sex_name) in enumerate(names.FOREIGN_NAMES, start=1):
        sex = Sex.MALE if sex_name == "male" else Sex.FEMALE
        guest = registrar.add(
            registrar.home((0, places.SEAT, places.SEAT_QUARTERS[0])), registrar.birth(22, 55), sex, name=name, with_number=False
        )
        registrar.population.people[-1] = guest = replace(guest, id_type=IdentifierType.PASSPORT, number=f"X1099{rank:04d}")
        registrar.part(f"guest_{rank}", guest)
    home = registrar.home((0, places.SEAT, places.SEAT_QUARTERS[1]))
    visitor = registrar.add(home, registrar.birth(30, 50), Sex.FEMALE, name="麦嘉欣", with_number=False)
    registrar.population.people[-1] = visitor = replace(visitor, id_type=IdentifierType.HK_MACAO_PASS, number="H10990001")
    registrar.part("visitor_hong_kong", visitor)


def _newborns(registrar: _Registrar) -> None:
    """Two children of some days, named after their mother and without a number yet."""
    for rank, days in enumerate((3, 12), start=1):
        home = registrar.home()
        mother = registrar.add(home, registrar.birth(24, 33), Sex.FEMALE, surname=names.surname(registrar.rng))
        sex, suffix = (Sex.MALE, "之子") if rank == 1 else (Sex.FEMALE, "之女")
        birth = registrar.anchor - timedelta(days=days)
        child = registrar.add(home, birth, sex, name=f"{mother.name}{suffix}", phone=mother.phone, with_number=False)
        registrar.part(f"newborn_{rank}", child)


def _household(registrar: _Registrar, room_for: int) -> None:
    """An ordinary household, cut off where the population is complete."""
    home = registrar.home()
    members: list[Resident] = []
    for birth, sex, surname in _members(registrar):
        if len(members) == room_for:
            break
        members.append(registrar.add(home, birth, sex, surname=surname))
    holder = members[0]
    if holder.phone is not None and registrar.rng.random() < ACCOUNT_SHARE:
        registrar.link(holder.phone, holder, Relation.SELF, verified=True)
        for member in members[1:]:
            years = (holder.birth_date - member.birth_date).days / 365
            relation = Relation.SPOUSE if abs(years) < _ADULT else Relation.PARENT if years > 0 else Relation.CHILD
            if relation is not Relation.SPOUSE or member.sex is not holder.sex:
                registrar.link(holder.phone, member, relation, verified=registrar.rng.random() < 0.5)  # noqa: PLR2004  # every second


def _members(registrar: _Registrar) -> Iterator[tuple[date, Sex, str]]:
    """Who lives in a house: ``(born, sex, surname or "" for the house's)``, the head first."""
    rng = registrar.rng
    elders_only = rng.random() < 0.24  # noqa: PLR2004  # about a quarter of rural households
    head = registrar.birth(62, 88) if elders_only else registrar.birth(24, 58)
    yield head, Sex.MALE, ""
    if rng.random() < (0.7 if elders_only else 0.9):
        yield _near(rng, head, 5), Sex.FEMALE, names.surname(rng)
    if elders_only:
        return
    age = (registrar.anchor - head).days // 365
    for _ in range(rng.choices((0, 1, 2, 3), (2, 5, 5, 1))[0]):
        oldest = min(age - 23, 22)
        if oldest > 0:
            yield registrar.birth(0, oldest), rng.choice((Sex.MALE, Sex.FEMALE)), ""
    if age < 50 and rng.random() < 0.45:  # noqa: PLR2004  # grandparents under the same roof
        elder = registrar.birth(age + 22, age + 30)
        yield elder, Sex.MALE, ""
        yield _near(rng, elder, 4), Sex.FEMALE, names.surname(rng)


def _near(rng: Random, birth: date, years: int) -> date:
    return birth + timedelta(days=rng.randrange(-365 * years, 365 * years))


def _other_than(known: set[str], draw: Callable[[], str]) -> str:
    while (name := draw()) in known:
        pass
    return name


def _years_before(day: date, years: int) -> date:
    last = calendar.monthrange(day.year - years, day.month)[1]
    return day.replace(year=day.year - years, day=min(day.day, last))
