"""All tables of the connectors and the sandbox, likewise at once."""

import django.db.models.deletion
from django.db import migrations, models

import exceptions_app.sealed

BEFORE = (
    "0001_initial",
    "0002_platforms",
    "0003_hook_calls",
    "0004_sandbox_faults",
    "0005_source_calls",
    "0006_calls_by_time",
    "0007_conflicts",
)


class Migration(migrations.Migration):
    initial = True
    replaces = [("connectors", name) for name in BEFORE]

    dependencies = [
        ("exceptions_app", "0002_guards"),
    ]

    operations = [
        migrations.CreateModel(
            name="AccessToken",
            fields=[
                (
                    "connection",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.CASCADE,
                        primary_key=True,
                        serialize=False,
                        to="exceptions_app.connection",
                    ),
                ),
                ("sealed", exceptions_app.sealed.SealedJSONField(default=dict)),
                (
                    "made_of",
                    models.CharField(
                        blank=True, help_text="Digest of what it was asked with", max_length=64
                    ),
                ),
                ("expires_at", models.DateTimeField(null=True)),
            ],
        ),
        migrations.CreateModel(
            name="SandboxFault",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "kind",
                    models.CharField(
                        choices=[
                            ("refuse", "refuse it"),
                            ("limit", "ask to slow down (429)"),
                            ("stumble", "answer 500, then work again"),
                            ("hang", "not answer at all"),
                            ("drop", "do it, but hang up before answering"),
                            ("slow", "do it, but answer late"),
                        ],
                        max_length=8,
                    ),
                ),
                (
                    "left",
                    models.IntegerField(
                        default=1, help_text="How many calls it meets; below zero: all"
                    ),
                ),
                ("seconds", models.FloatField(default=0, help_text="How late; 0: a second")),
                (
                    "connection",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="sandbox_fault",
                        to="exceptions_app.connection",
                    ),
                ),
            ],
        ),
        migrations.CreateModel(
            name="SandboxRecord",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("external_id", models.CharField(blank=True, max_length=200)),
                (
                    "key",
                    models.CharField(
                        blank=True, help_text="What makes a repeat the same record", max_length=255
                    ),
                ),
                ("data", models.JSONField(default=dict)),
                ("created_at", models.DateTimeField()),
                ("changed_at", models.DateTimeField()),
                (
                    "connection",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="sandbox_records",
                        to="exceptions_app.connection",
                    ),
                ),
            ],
            options={
                "ordering": ("-changed_at", "-id"),
                "indexes": [
                    models.Index(fields=["connection", "external_id"], name="sandbox_record_by_id"),
                    models.Index(
                        fields=["connection", "-changed_at", "-id"], name="sandbox_newest"
                    ),
                    models.Index(fields=["connection", "key"], name="sandbox_record_by_key"),
                ],
            },
        ),
        migrations.CreateModel(
            name="SandboxReply",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("key", models.CharField(max_length=255)),
                ("digest", models.CharField(max_length=64)),
                ("body", models.JSONField()),
                ("at", models.DateTimeField()),
                (
                    "connection",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="sandbox_replies",
                        to="exceptions_app.connection",
                    ),
                ),
            ],
            options={
                "verbose_name_plural": "sandbox replies",
                "indexes": [
                    models.Index(fields=["connection", "key"], name="sandbox_reply_by_key")
                ],
            },
        ),
        migrations.CreateModel(
            name="HookCall",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("event_id", models.CharField(max_length=200)),
                ("at", models.DateTimeField()),
                ("body", models.TextField(blank=True)),
                ("kind", models.CharField(blank=True, help_text="Content type", max_length=100)),
                (
                    "headers",
                    models.JSONField(
                        blank=True, default=dict, help_text="Those that say something"
                    ),
                ),
                (
                    "proofs",
                    models.JSONField(
                        blank=True,
                        default=list,
                        help_text="Digests of what was signed, to tell a replay by",
                    ),
                ),
                (
                    "state",
                    models.CharField(
                        choices=[
                            ("waiting", "waiting"),
                            ("held", "held until its subject is known"),
                            ("done", "done"),
                            ("nothing", "nothing to do"),
                            ("conflict", "conflict"),
                            ("refused", "refused"),
                        ],
                        default="waiting",
                        max_length=10,
                    ),
                ),
                ("outcome", models.CharField(blank=True, max_length=500)),
                (
                    "parcel",
                    models.CharField(
                        blank=True, help_text="Held until an order has it", max_length=120
                    ),
                ),
                (
                    "follows",
                    models.CharField(
                        blank=True, help_text="Held until this signal has come", max_length=120
                    ),
                ),
                (
                    "due_at",
                    models.DateTimeField(
                        blank=True, help_text="Held until then at the latest", null=True
                    ),
                ),
                (
                    "conflicts",
                    models.JSONField(
                        blank=True,
                        default=list,
                        help_text="Left to a person: each field, and what they say of it",
                    ),
                ),
                ("settled_at", models.DateTimeField(blank=True, null=True)),
                ("settled_by", models.CharField(blank=True, max_length=120)),
                (
                    "case",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="+",
                        to="exceptions_app.case",
                    ),
                ),
                (
                    "connection",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="hook_calls",
                        to="exceptions_app.connection",
                    ),
                ),
                (
                    "receipt",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="+",
                        to="exceptions_app.receipt",
                    ),
                ),
                (
                    "source",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="hook_calls",
                        to="exceptions_app.source",
                    ),
                ),
            ],
            options={
                "ordering": ("-id",),
                "indexes": [
                    models.Index(
                        condition=models.Q(("state", "waiting")), fields=["id"], name="hook_waiting"
                    ),
                    models.Index(
                        condition=models.Q(("state", "held")), fields=["id"], name="hook_held"
                    ),
                    models.Index(
                        condition=models.Q(("state", "conflict")),
                        fields=["-id"],
                        name="hook_conflict",
                    ),
                    models.Index(fields=["state", "at"], name="hook_by_age"),
                    models.Index(fields=["source", "-at", "state"], name="hook_of_source"),
                ],
                "constraints": [
                    models.UniqueConstraint(
                        condition=models.Q(("state", "refused"), _negated=True),
                        fields=("connection", "event_id"),
                        name="one_hook_call_per_event",
                    ),
                    models.UniqueConstraint(
                        condition=models.Q(("state", "refused"), _negated=True),
                        fields=("source", "event_id"),
                        name="one_call_per_event_of_a_source",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("connection__isnull", True), ("source__isnull", True), _connector="XOR"
                        ),
                        name="hook_call_of_one",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="SandboxNote",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("at", models.DateTimeField()),
                ("what", models.CharField(max_length=40)),
                ("text", models.TextField(blank=True)),
                (
                    "mark",
                    models.CharField(blank=True, help_text="Its own id over there", max_length=200),
                ),
                (
                    "record",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="notes",
                        to="connectors.sandboxrecord",
                    ),
                ),
            ],
            options={
                "ordering": ("record_id", "id"),
            },
        ),
    ]
