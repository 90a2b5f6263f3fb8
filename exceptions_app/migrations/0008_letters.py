from django.contrib.postgres.indexes import GinIndex
from django.contrib.postgres.search import SearchVectorField
from django.db import migrations, models
from django.db.models.functions import Cast

from exceptions_app.cases.models import SearchText


class Migration(migrations.Migration):
    """More letters are folded; PostgreSQL writes the rows of cases anew for it."""

    dependencies = [("exceptions_app", "0007_wrong_passwords")]

    operations = [
        migrations.RemoveIndex("case", "case_search"),
        migrations.RemoveField("case", "search"),
        migrations.AddField(
            "case",
            "search",
            models.GeneratedField(
                db_persist=True,
                expression=SearchText(
                    Cast("number", models.TextField()),
                    models.F("title"),
                    models.F("reference"),
                    models.F("customer_name"),
                ),
                output_field=SearchVectorField(),
            ),
        ),
        migrations.AddIndex("case", GinIndex(fields=["search"], name="case_search")),
    ]
