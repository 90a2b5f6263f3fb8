"""Versions of rules, thresholds and journeys, which nobody can change; and the looks to plan anew."""

import django.db.models.deletion
from django.db import migrations, models


# A version that could be changed would say of yesterday what did not hold.
GUARD = """
CREATE FUNCTION flagstand_refuse_rewriting() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'Versions of the policy stay as they are: % refused', TG_OP
        USING ERRCODE = 'restrict_violation';
END $$;

CREATE TRIGGER policy_kept BEFORE UPDATE OR DELETE ON exceptions_app_policyversion
    FOR EACH ROW EXECUTE FUNCTION flagstand_refuse_rewriting();
"""

UNDO = """
DROP TRIGGER policy_kept ON exceptions_app_policyversion;
DROP FUNCTION flagstand_refuse_rewriting();
"""


class Migration(migrations.Migration):

    dependencies = [
        ("exceptions_app", "0011_watching"),
    ]

    operations = [
        migrations.CreateModel(
            name='PolicyVersion',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('at', models.DateTimeField()),
                ('actor_kind', models.CharField(max_length=10)),
                ('actor_id', models.CharField(blank=True, max_length=40)),
                ('actor_name', models.CharField(max_length=120)),
                ('why', models.CharField(max_length=300)),
                ('about', models.CharField(max_length=80)),
                ('said', models.CharField(max_length=500)),
                ('document', models.JSONField()),
                ('site', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, to='exceptions_app.site')),
            ],
            options={
                'ordering': ('-id',),
            },
        ),
        migrations.CreateModel(
            name='Replan',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('kind', models.CharField(choices=[('order', 'order'), ('deal', 'vehicle deal'), ('appointment', 'appointment'), ('payment', 'payment'), ('delivery', 'vehicle delivery'), ('finance', 'finance application'), ('contract', 'sales contract'), ('lead_task', 'lead task'), ('return', 'return'), ('stock', 'stock line'), ('complaint', 'complaint')], max_length=12)),
                ('after', models.BigIntegerField(default=0)),
                ('looked', models.PositiveIntegerField(default=0)),
                ('moved', models.PositiveIntegerField(default=0)),
                ('done_at', models.DateTimeField(null=True)),
                ('site', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, to='exceptions_app.site')),
                ('version', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, to='exceptions_app.policyversion')),
            ],
            options={
                'ordering': ('id',),
            },
        ),
        migrations.AddIndex(
            model_name='policyversion',
            index=models.Index(fields=['about', '-id'], name='policy_by_what_changed'),
        ),
        migrations.AddIndex(
            model_name='replan',
            index=models.Index(condition=models.Q(('done_at__isnull', True)), fields=['id'], name='replan_to_do'),
        ),
        migrations.RunSQL(GUARD, UNDO),
    ]
