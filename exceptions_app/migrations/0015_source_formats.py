"""Sources that vendors' webhooks are sent to; orders are found by the number of their parcel."""

from django.db import migrations, models

import exceptions_app.sealed

PARCELS = """
CREATE INDEX subject_parcel ON exceptions_app_subject ((attributes ->> 'tracking_number'))
WHERE (attributes ->> 'tracking_number') IS NOT NULL
"""


class Migration(migrations.Migration):

    dependencies = [
        ("exceptions_app", "0014_receipts"),
    ]

    operations = [
        migrations.AddField(
            model_name="source",
            name="format",
            field=models.CharField(
                blank=True,
                editable=False,
                help_text="Whose webhooks it is sent",
                max_length=40,
                default="",
            ),
            preserve_default=False,
        ),
        migrations.AddField(
            model_name="source",
            name="settings",
            field=exceptions_app.sealed.SealedJSONField(blank=True, default=dict, editable=False),
        ),
        migrations.AddField(
            model_name="source",
            name="token",
            field=models.CharField(
                editable=False,
                help_text="What nobody can guess in the address that its webhooks are sent to",
                max_length=43,
                null=True,
                unique=True,
            ),
        ),
        migrations.RunSQL(PARCELS, "DROP INDEX subject_parcel"),
    ]
