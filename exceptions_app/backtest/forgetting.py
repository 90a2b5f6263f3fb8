"""Letting go of models and backtests that nobody will ask for any more (D2)."""

from datetime import datetime, timedelta

from django.db.models import F, Window
from django.db.models.functions import RowNumber

from exceptions_app.backtest.models import Backtest
from exceptions_app.detection.foreseeing import adopted
from exceptions_app.detection.models import RiskModel
from exceptions_app.vocabulary import SubjectKind

#: Models kept of each site and kind beside the one that holds, to be switched on yet.
KEPT_MODELS = 5
KEPT_FOR = timedelta(days=90)


def forget(at: datetime) -> int:
    """How many rows went."""
    place = Window(RowNumber(), partition_by=[F("site"), F("kind")], order_by=F("id").desc())
    placed = RiskModel.objects.annotate(place=place).filter(place__gt=KEPT_MODELS).only("pk")
    held = adopted(SubjectKind).values_list("model_id", flat=True)
    old = {one.pk for one in placed} - set(held)
    gone: int = RiskModel.objects.filter(pk__in=old).delete()[0]
    return gone + Backtest.objects.filter(asked_at__lt=at - KEPT_FOR).delete()[0]
