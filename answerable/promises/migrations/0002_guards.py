"""A promise stays as it was made; that it was kept, or missed, can't be taken back or dated anew."""

from django.db import migrations

from answerable.ledger.rowguards import changes, changes_once_set, guard


class Migration(migrations.Migration):
    dependencies = [("promises", "0001_initial")]

    operations = [
        guard(
            "promises_deadline",
            "deadline_stays",
            changes("id", "ladder_id", "organisation_id", "promise", "rule", "due_at"),
        ),
        guard("promises_deadline", "deadline_history_stays", changes_once_set("kept_at", "missed_at")),
        guard("promises_deadline", "rung_only_rises", "OLD.rung IS NOT NULL AND (NEW.rung IS NULL OR NEW.rung < OLD.rung)"),
        guard("promises_escalation", "escalation_stays", changes("id", "deadline_id", "rung", "at", "told")),
        guard(
            "promises_caseladder",
            "ladder_keeps_its_reach",
            f"({changes('case', 'organisation_id', 'event_key', 'start_rung', 'received', 'jurisdiction')})"
            " OR CAST(OLD.reach AS text) <> CAST(NEW.reach AS text) OR NEW.next_seq < OLD.next_seq",
        ),
    ]
