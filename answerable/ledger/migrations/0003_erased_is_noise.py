"""An erased event loses its type, too: nothing then tells its row from a random leaf's."""

from django.db import migrations

from answerable.ledger.rowguards import changes, guard, unguard


class Migration(migrations.Migration):
    dependencies = [("ledger", "0002_guards")]

    operations = [
        unguard("ledger_entry", "entry_stays"),
        guard("ledger_entry", "entry_stays", changes("id", "log_id", "index", "label", "leaf", "leaf_hash")),
        guard(
            "ledger_entry",
            "entry_keeps_its_type",
            f"({changes('type')}) AND (NEW.type <> '' OR NEW.payload IS NOT NULL)",
        ),
    ]
