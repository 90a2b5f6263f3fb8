"""Who is refused learns whom to ask: the first role that may."""

import pytest

from exceptions_app.errors import NotPermitted
from exceptions_app.people import access
from exceptions_app.people.access import Actor
from exceptions_app.vocabulary import ActorKind


@pytest.mark.parametrize(
    ("verb", "whom"),
    [
        ("resend", "Ask a lead or an administrator of the site."),
        ("change_rules", "Ask a manager or an administrator of the site."),
        ("configure", "Ask an administrator of the site."),
    ],
)
def test_who_is_refused_learns_whom_to_ask(verb, whom):
    with pytest.raises(NotPermitted) as refusal:
        access.insist(Actor(ActorKind.PERSON, "1", "Ana"), verb, site_id=1)

    assert str(refusal.value).endswith(whom)
