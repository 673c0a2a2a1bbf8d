"""Whoever left frees their address for the next one who is given it."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("organisation", "0007_moved")]

    operations = [
        migrations.RemoveConstraint("account", "account_email_once"),
        migrations.AddConstraint(
            "account",
            models.UniqueConstraint(
                condition=models.Q(is_active=True), fields=("organisation", "email"), name="account_email_once"
            ),
        ),
    ]
