from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("organisation", "0004_signin")]

    operations = [
        migrations.AddField(
            model_name="person",
            name="restarted_at",
            field=models.DateTimeField(blank=True, null=True),
        ),
    ]
