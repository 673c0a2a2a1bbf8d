"""`answerable config`: what is set, and where each value came from. Secrets stay hidden."""

import json
import sys

__all__ = ["show"]


def show(form: str) -> int:
    """Print every option; 1 if the environment has names of ours that are no option."""
    from django.conf import settings

    options, strays = settings.OPTIONS.all(), settings.OPTIONS.stray()
    if form == "json":
        rows = {each.name: {"value": each.shown, "from": each.source} for each in options}
        print(
            json.dumps({"file": settings.CONFIG_FILE, "options": rows, "unknown": strays}, ensure_ascii=False)
        )
        return 1 if strays else 0
    print(f"configuration file: {settings.CONFIG_FILE or 'none (ANSWERABLE_CONFIG names one)'}")
    width = max(len(each.name) for each in options)
    for each in options:
        print(f"{each.name:{width}}  {each.shown or '(empty)'}  [{each.source}]")
    for stray in strays:
        print(f"the environment has {stray.replace(';', ', which is no option;', 1)}", file=sys.stderr)
    return 1 if strays else 0
