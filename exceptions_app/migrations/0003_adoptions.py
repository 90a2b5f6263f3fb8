"""Which learned model holds is put on record; so far it was the newest of each site and kind."""

import django.db.models.deletion
from django.db import migrations, models

#: What rules look with when this comes, they look with after it.
HELD = """
    INSERT INTO exceptions_app_riskadoption
        (at, actor_kind, actor_id, actor_name, site_id, kind, model_id)
    SELECT DISTINCT ON (site_id, kind)
        made_at, 'system', 'flagstand', 'Flagstand', site_id, kind, id
    FROM exceptions_app_riskmodel ORDER BY site_id, kind, id DESC
"""


class Migration(migrations.Migration):

    dependencies = [
        ('exceptions_app', '0002_guards'),
    ]

    operations = [
        migrations.AddField(
            model_name='backtest',
            name='learned',
            field=models.ForeignKey(help_text='What it learned, until let go', null=True, on_delete=django.db.models.deletion.SET_NULL, to='exceptions_app.riskmodel'),
        ),
        migrations.AddField(
            model_name='backtest',
            name='refits',
            field=models.BooleanField(default=False, help_text='Learns anew for a rule that is on; nobody asked for it'),
        ),
        migrations.AddField(
            model_name='riskmodel',
            name='thresholds',
            field=models.JSONField(default=dict),
        ),
        migrations.CreateModel(
            name='RiskAdoption',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('at', models.DateTimeField()),
                ('actor_kind', models.CharField(max_length=10)),
                ('actor_id', models.CharField(blank=True, max_length=40)),
                ('actor_name', models.CharField(max_length=120)),
                ('kind', models.CharField(choices=[('order', 'order'), ('deal', 'vehicle deal'), ('appointment', 'appointment'), ('payment', 'payment'), ('delivery', 'vehicle delivery'), ('finance', 'finance application'), ('contract', 'sales contract'), ('lead_task', 'lead task'), ('return', 'return'), ('stock', 'stock line'), ('complaint', 'complaint'), ('request', 'support request')], max_length=12)),
                ('model', models.ForeignKey(null=True, on_delete=django.db.models.deletion.SET_NULL, to='exceptions_app.riskmodel')),
                ('site', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.CASCADE, to='exceptions_app.site')),
                ('version', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, to='exceptions_app.policyversion')),
            ],
            options={
                'ordering': ('-id',),
                'indexes': [models.Index(fields=['site', 'kind', '-id'], name='newest_risk_adoption')],
            },
        ),
        migrations.RunSQL(HELD, migrations.RunSQL.noop),
    ]
