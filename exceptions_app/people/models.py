"""Sites, teams, the people in them, and what programs may sign in with."""

import re
import zoneinfo

from django.contrib.auth.models import AbstractUser
from django.core.exceptions import ValidationError
from django.db import models
from django.db.models import Q

from exceptions_app.vocabulary import Role


def known_zone(value: str) -> None:
    """Refuse a time zone that the IANA database does not have, or has for nobody."""
    if value not in zoneinfo.available_timezones() - {"localtime", "Factory"}:
        raise ValidationError(f"“{value}” is not a time zone. Use a name such as Europe/Berlin.")


def a_colour(value: str) -> None:
    """Refuse what is no colour as #rrggbb."""
    if not re.fullmatch(r"#[0-9a-f]{6}", value):
        raise ValidationError(
            "Give the colour as # and six digits of 0-9 and a-f, such as #1a5fb4."
        )


class User(AbstractUser):
    """A login. What it may do is its memberships."""

    time_zone = models.CharField(max_length=64, blank=True, validators=[known_zone])
    single_keys = models.BooleanField("single-key shortcuts", default=True)
    theme = models.CharField(
        max_length=5,
        blank=True,
        choices=[("", "as the system"), ("light", "light"), ("dark", "dark")],
    )

    def shown_name(self) -> str:
        return self.get_full_name() or self.username


class Site(models.Model):
    """A rooftop, branch, depot or warehouse: time zone and business calendar."""

    slug = models.SlugField(unique=True)
    name = models.CharField(max_length=80)
    time_zone = models.CharField(max_length=64, default="UTC", validators=[known_zone])
    calendar = models.ForeignKey(
        "exceptions_app.Calendar", on_delete=models.PROTECT, null=True, blank=True
    )
    colour = models.CharField(
        max_length=7,
        blank=True,
        validators=[a_colour],
        help_text="Of its public pages, such as #1a5fb4; empty: ours",
    )

    class Meta:
        ordering = ("name",)

    def __str__(self) -> str:
        return self.name


class Team(models.Model):
    """A department at a site."""

    site = models.ForeignKey(Site, on_delete=models.PROTECT, related_name="teams")
    slug = models.SlugField()
    name = models.CharField(max_length=80)

    class Meta:
        ordering = ("site__name", "name")
        constraints = (models.UniqueConstraint(fields=("site", "slug"), name="one_team_per_slug"),)

    def __str__(self) -> str:
        return f"{self.site.name} · {self.name}"


class Membership(models.Model):
    """A role of a person: everywhere, at one site, or in one team of it."""

    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="memberships")
    role = models.CharField(max_length=14, choices=Role.choices)
    site = models.ForeignKey(Site, on_delete=models.CASCADE, null=True, blank=True)
    team = models.ForeignKey(Team, on_delete=models.CASCADE, null=True, blank=True)

    class Meta:
        constraints = (
            models.UniqueConstraint(
                fields=("user", "role", "site", "team"),
                name="membership_once",
                nulls_distinct=False,
            ),
            models.CheckConstraint(
                condition=Q(team__isnull=True) | Q(site__isnull=False),
                name="a_team_names_its_site",
            ),
        )

    def __str__(self) -> str:
        return f"{self.user} is {self.role} at {self.team or self.site or 'every site'}"

    def clean(self) -> None:
        if self.team and self.team.site_id != self.site_id:
            raise ValidationError(
                {"team": "This team is at another site. Choose a team of the site above."}
            )


class ApiToken(models.Model):
    """What a program signs in with; only a hash is kept."""

    name = models.CharField(max_length=80)
    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="tokens")
    start = models.CharField(max_length=12, editable=False)
    digest = models.CharField(max_length=64, unique=True, editable=False)
    scopes = models.JSONField(default=list)
    created_at = models.DateTimeField()
    expires_at = models.DateTimeField(null=True, blank=True)
    revoked_at = models.DateTimeField(null=True, blank=True)
    used_at = models.DateTimeField(null=True, blank=True, editable=False)

    class Meta:
        ordering = ("name",)

    def __str__(self) -> str:
        return f"{self.name} ({self.start}…)"


class WrongPassword(models.Model):
    """A sign-in that failed; ``who`` is a name, a digest of where it came from, or both."""

    who = models.CharField(max_length=200, db_index=True)
    at = models.DateTimeField(db_index=True)

    def __str__(self) -> str:
        return f"{self.at:%Y-%m-%d %H:%M}"


class IdempotentReply(models.Model):
    """The answer once given to a write, given again when the same write is repeated (A2)."""

    actor = models.CharField(max_length=60)
    key = models.CharField(max_length=255)
    request_digest = models.CharField(max_length=64)
    status = models.PositiveSmallIntegerField(null=True)
    body = models.JSONField(null=True)
    created_at = models.DateTimeField(db_index=True)

    class Meta:
        verbose_name_plural = "idempotent replies"
        constraints = (models.UniqueConstraint(fields=("actor", "key"), name="one_reply_per_key"),)

    def __str__(self) -> str:
        return self.key
