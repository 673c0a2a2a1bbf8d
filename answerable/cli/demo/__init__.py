"""`answerable demo`: an invented organisation, seeded by the real product at first start, then served."""

import os
import shutil
from pathlib import Path

__all__ = ["run"]

BANNER = """
Answerable, with an invented organisation: Tidewick Group · 汐维集团

  Report            {base}/o/tidewick/en/       报告          {base}/o/tidewick/zh/
  Come back         {base}/o/tidewick/en/return
  Sign-ins          {base}/demo                 all passwords, codes and unlock phrases on one page
  Handlers' console {base}/work/tidewick/team/
  Overseers         {base}/work/tidewick/board/
  Administration    {base}/work/tidewick/administration/

{people}

The demo's keys stand in a public file: they protect nothing. Write nothing true here. Use "localhost", not 127.0.0.1
(passkeys refuse it). Stop with Ctrl+C; `make demo` again goes on where it was, `answerable demo --fresh` starts anew.
演示用的钥匙是公开的，什么都保护不了：请不要在这里写真事。
"""


def run(*, port: int, fresh: bool) -> int:
    """Seed if needed, print who can sign in and how, serve until stopped."""
    os.environ["ANSWERABLE_DEMO"] = "1"
    root = Path(os.environ.setdefault("ANSWERABLE_DATA", str(Path("data") / "demo"))).resolve()
    os.environ["ANSWERABLE_DATA"] = str(root)
    if root.exists() and (fresh or not (root / "demo-is-whole").exists()):
        shutil.rmtree(root)  # also after a first start that was cut short

    import django

    django.setup()
    from django.utils import timezone

    from answerable.cli import run as commands
    from answerable.cli.demo import seed

    commands.migrate()
    if not seed.there():
        print("Preparing the demo organisation …", flush=True)
        seed.sow(timezone.now())
    print(BANNER.format(base=f"http://localhost:{port}", people=seed.sign_ins()), flush=True)
    return commands.serve("127.0.0.1", port)
