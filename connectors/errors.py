"""Why a platform was not told, by the one question a worker has: would it help to try again?

DeliveryError
├── Temporary     yes: not now, perhaps later; ``after`` is how long the platform wants to be left alone
│   ├── Busy      it is alive, and only wants to be asked less or later
│   └── Uncertain it may have been done: only what bears repeating is sent again
├── Permanent     no: the platform has understood and refuses, or cannot be asked like this
│   └── Stuck     its workflow does not lead where the case is; what happened can be said all the same
└── Superseded    there is nothing to do any more; says why
"""

from datetime import timedelta

#: What a body that nobody expected does to whoever reads it: it is kept and shown, and stops no other.
UNREADABLE = (ValueError, TypeError, LookupError, AttributeError, ArithmeticError, RuntimeError)


class DeliveryError(Exception):
    """What became of it instead; ``str()`` is a sentence fit to show."""


class Temporary(DeliveryError):
    def __init__(self, sentence: str, *, after: timedelta | None = None) -> None:
        super().__init__(sentence)
        self.after = after


class Busy(Temporary):
    pass


class Uncertain(Temporary):
    pass


class Permanent(DeliveryError):
    pass


class Stuck(Permanent):
    pass


class Superseded(DeliveryError):
    pass
