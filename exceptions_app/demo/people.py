"""Who works in the demo: names, roles and where they hold. A demo's passwords protect nothing."""

from dataclasses import dataclass

from exceptions_app.demo.places import DEPOT, SHOP
from exceptions_app.vocabulary import Role, Scope


@dataclass(frozen=True)
class Colleague:
    """A person of the demo. ``shown``: its sign-in is printed, so the story-teller leaves it alone."""

    username: str
    first_name: str
    last_name: str
    word: str
    role: Role
    site: str = ""
    team: str = ""
    zone: str = ""
    shown: bool = False

    @property
    def name(self) -> str:
        return f"{self.first_name} {self.last_name}".strip()

    @property
    def email(self) -> str:
        return f"{self.username}@harbour.example"


NORTH, SOUTH, CITY = "harbour-north", "harbour-south", "harbour-city"

PEOPLE = (
    Colleague("ingrid", "Ingrid", "Halvorsen", "lantern-quay-7", Role.ADMINISTRATOR, shown=True),
    Colleague("thabo", "Thabo", "Mokoena", "copper-tide-3", Role.MANAGER, shown=True),
    Colleague("ana", "Ana", "Kovač", "velvet-anchor-5", Role.LEAD, NORTH, shown=True),
    Colleague(
        "marek", "Marek", "Nowak", "maple-radio-9", Role.STAFF, DEPOT, "dispatch", shown=True
    ),
    Colleague("sofia", "Sofia", "Lindqvist", "paper-harvest-2", Role.VIEWER, shown=True),
    Colleague("priya", "Priya", "Nair", "amber-sail-4", Role.STAFF, NORTH, "sales"),
    Colleague("callum", "Callum", "Fraser", "quartz-mile-8", Role.STAFF, NORTH),
    Colleague("yusuf", "Yusuf", "Demir", "violet-dock-6", Role.LEAD, SOUTH),
    Colleague("chloe", "Chloé", "Martin", "cedar-note-1", Role.STAFF, SOUTH, "finance"),
    Colleague("aoife", "Aoife", "Byrne", "silver-gate-5", Role.STAFF, SOUTH),
    Colleague("lucia", "Lucía", "Serrano", "orange-pier-2", Role.STAFF, CITY, zone="Europe/Madrid"),
    Colleague("diego", "Diego", "Fuentes", "indigo-oar-9", Role.LEAD, CITY, zone="Europe/Madrid"),
    Colleague("grace", "Grace", "Okafor", "birch-signal-3", Role.STAFF, DEPOT, "dispatch"),
    Colleague("meiling", "Mei-Ling", "Tan", "cobalt-wren-6", Role.LEAD, DEPOT),
    Colleague("jonas", "Jonas", "Weber", "hazel-lamp-4", Role.LEAD, SHOP, zone="Europe/Berlin"),
    Colleague("hana", "Hana", "Suzuki", "ivory-crate-8", Role.STAFF, SHOP, "support"),
    Colleague("oleks", "Oleksandr", "Bondar", "ochre-parcel-7", Role.STAFF, SHOP),
    Colleague("bridge", "Integration", "bridge", "", Role.INTEGRATOR),
)
BRIDGE = "bridge"
#: Those of whom the story-teller plays the part.
PLAYED = tuple(one.username for one in PEOPLE if one.word and not one.shown)

BRIDGE_SCOPES = (Scope.SIGNALS_WRITE, Scope.CASES_READ, Scope.SUBJECTS_READ, Scope.DELIVERIES_READ)
COLLEAGUE_SCOPES = (Scope.CASES_READ, Scope.CASES_WRITE, Scope.SUBJECTS_READ)
