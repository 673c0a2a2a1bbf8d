"""A version stays as it was made: reports cite it by its hash."""

from django.db import migrations

from answerable.ledger.rowguards import changes, guard


class Migration(migrations.Migration):
    dependencies = [("questions", "0001_initial")]

    operations = [
        guard(
            "questions_questionset",
            "question_set_stays",
            changes("id", "organisation_id", "version", "content", "sha256", "made_at"),
        ),
    ]
