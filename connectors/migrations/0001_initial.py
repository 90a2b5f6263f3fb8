import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    initial = True

    dependencies = [
        ("exceptions_app", "0001_initial"),
    ]

    operations = [
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
            },
        ),
        migrations.AddIndex(
            model_name="sandboxrecord",
            index=models.Index(fields=["connection", "external_id"], name="sandbox_record_by_id"),
        ),
        migrations.AddIndex(
            model_name="sandboxrecord",
            index=models.Index(fields=["connection", "-changed_at", "-id"], name="sandbox_newest"),
        ),
        migrations.AddIndex(
            model_name="sandboxreply",
            index=models.Index(fields=["connection", "key"], name="sandbox_reply_by_key"),
        ),
    ]
