"""A delivery is found by its indexes that have an order; the plain ones made claims slow."""

import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('exceptions_app', '0004_playbook_changes'),
    ]

    operations = [
        migrations.AlterField(
            model_name='delivery',
            name='case',
            field=models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='deliveries', to='exceptions_app.case'),
        ),
        migrations.AlterField(
            model_name='delivery',
            name='connection',
            field=models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='deliveries', to='exceptions_app.connection'),
        ),
    ]
