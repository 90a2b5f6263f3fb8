"""Letting go of models and backtests that nobody will ask for any more (D2)."""

from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import Exists, F, OuterRef, Window
from django.db.models.functions import RowNumber

from exceptions_app.backtest.models import Backtest
from exceptions_app.detection import policy as policies
from exceptions_app.detection.foreseeing import adopted
from exceptions_app.detection.models import RiskModel
from exceptions_app.vocabulary import SubjectKind

#: Models kept of each site and kind beside the one that holds, to be switched on yet; as many of refits.
KEPT_MODELS = 5
KEPT_FOR = timedelta(days=90)


def forget(at: datetime) -> int:
    """How many rows went."""
    gone = forget_models()
    return gone + Backtest.objects.filter(asked_at__lt=at - KEPT_FOR).delete()[0]


@transaction.atomic
def forget_models() -> int:
    """Nobody adopts one meanwhile; those of refits take nobody's place."""
    policies.alone()
    refits = Exists(Backtest.objects.filter(learned=OuterRef("pk"), refits=True))
    alike = [F("site"), F("kind"), F("refits")]
    place = Window(RowNumber(), partition_by=alike, order_by=F("id").desc())
    placed = RiskModel.objects.annotate(refits=refits, place=place).filter(place__gt=KEPT_MODELS)
    held = adopted(SubjectKind).values_list("model_id", flat=True)
    old = set(placed.values_list("pk", flat=True)) - set(held)
    gone: int = RiskModel.objects.filter(pk__in=old).delete()[0]
    return gone
