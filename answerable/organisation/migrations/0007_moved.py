"""Where an organisation went."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("organisation", "0006_operating")]

    operations = [
        migrations.AddField("organisation", "moved_to", models.CharField(blank=True, max_length=300, null=True)),
    ]
