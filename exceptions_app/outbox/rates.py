"""How fast a connection may be used."""

from dataclasses import dataclass
from datetime import timedelta


@dataclass(frozen=True)
class Rate:
    """How many requests in how many seconds a platform bears from one connection."""

    requests: int
    seconds: int = 60

    @property
    def every(self) -> timedelta:
        return timedelta(seconds=self.seconds / self.requests)

    @property
    def burst(self) -> timedelta:
        return self.every * max(1, self.requests // 10)
