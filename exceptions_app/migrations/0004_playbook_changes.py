"""Who changed a playbook last, and when."""

from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('exceptions_app', '0003_adoptions'),
    ]

    operations = [
        migrations.AddField(
            model_name='playbook',
            name='changed_at',
            field=models.DateTimeField(editable=False, null=True),
        ),
        migrations.AddField(
            model_name='playbook',
            name='changed_by',
            field=models.CharField(blank=True, editable=False, max_length=120),
        ),
    ]
