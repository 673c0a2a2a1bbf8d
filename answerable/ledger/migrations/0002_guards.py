"""What was logged stays: leaves, tiles, the log's name and key; its sizes only grow; events are erased, never rewritten."""

from django.db import migrations

from answerable.ledger.rowguards import changes, guard


class Migration(migrations.Migration):
    dependencies = [("ledger", "0001_initial")]

    operations = [
        guard(
            "ledger_entry",
            "entry_stays",
            changes("id", "log_id", "index", "type", "label", "leaf", "leaf_hash"),
        ),
        guard(
            "ledger_entry",
            "entry_is_only_erased",
            f"({changes('nonce', 'payload')}) AND (NEW.nonce IS NOT NULL OR NEW.payload IS NOT NULL)",
        ),
        guard("ledger_tile", "tile_stays", changes("log_id", "level", "index", "hashes")),
        guard("ledger_log", "log_keeps_its_name", changes("id", "organisation_id", "origin", "public_key")),
        guard(
            "ledger_log",
            "log_only_grows",
            "NEW.size < OLD.size OR NEW.published_size < OLD.published_size",
        ),
    ]
