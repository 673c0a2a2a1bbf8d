from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("organisation", "0005_rights")]

    operations = [
        migrations.CreateModel(
            name="Beat",
            fields=[
                ("name", models.CharField(max_length=64, primary_key=True, serialize=False)),
                ("at", models.DateTimeField()),
                ("version", models.CharField(blank=True, max_length=64)),
            ],
        ),
    ]
