"""The bot's memory in pages of 2 MB instead of 4 KB.

Reading a message goes over 18 MB of weights once, which no cache keeps until the next message; that many small pages no
processor's table holds either. Large ones save a twelfth of the time (docs/adr/0015).
"""

from __future__ import annotations

import os
import sys

VARIABLE, SETTING = "GLIBC_TUNABLES", "glibc.malloc.hugetlb=1"


def use_large_pages() -> None:
    """Begins the program anew, once, with a C library that asks for large pages; call it first.

    The library reads its settings when it is loaded, so they can't be changed afterwards. Where it isn't glibc 2.35 or
    newer, or the kernel has no large pages to give, nothing else changes.
    """
    settings = [part for part in os.environ.get(VARIABLE, "").split(":") if part]
    if sys.platform != "linux" or any(part.startswith("glibc.malloc.hugetlb=") for part in settings):
        return
    os.environ[VARIABLE] = ":".join([*settings, SETTING])
    os.execv(sys.executable, [sys.executable, *sys.orig_argv[1:]])  # noqa: S606 - this program again
