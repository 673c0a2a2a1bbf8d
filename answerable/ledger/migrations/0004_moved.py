"""A log whose organisation went to another server never grows here again."""

from django.db import migrations, models

from answerable.ledger.rowguards import changes, guard


class Migration(migrations.Migration):
    dependencies = [("ledger", "0003_erased_is_noise")]

    operations = [
        # Columns that may be null: SQLite adds them without rebuilding the table, which would lose its triggers.
        migrations.AddField("log", "closed_at", models.DateTimeField(null=True)),
        migrations.AddField("log", "moved_to", models.CharField(max_length=300, null=True)),
        guard("ledger_log", "closed_log_stays", f"OLD.closed_at IS NOT NULL AND ({changes('size', 'checkpoint')})"),
        guard("ledger_log", "moved_log_stays", f"OLD.moved_to IS NOT NULL AND ({changes('closed_at', 'moved_to')})"),
    ]
