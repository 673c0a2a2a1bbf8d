"""Writes docs/openapi.json: `python -m answerable.cases.openapi`. A test holds it against what the server serves."""

import json
import os
from pathlib import Path

TARGET = Path(__file__).parents[2] / "docs" / "openapi.json"


def main() -> None:
    """Load every address, so that every route is in the table; then write the document."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "answerable.server.settings")
    import django

    django.setup()
    from django.conf import settings
    from django.urls import get_resolver

    from answerable.ui import api

    len(get_resolver().url_patterns)
    written = json.dumps(api.document(settings.VERSION), indent=1, ensure_ascii=False, sort_keys=True)
    TARGET.write_text(written + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
