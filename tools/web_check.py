"""Type-checks the widget: TypeScript's compiler reads the JSDoc types, nothing is built."""

from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path

WIDGET = Path(__file__).resolve().parent.parent / "connectors" / "web" / "static"


def main() -> int:
    npm = shutil.which("npm")
    if npm is None:
        print("✗ npm is needed to type-check the widget. On Debian: apt-get install npm", file=sys.stderr)
        return 1
    compiler = WIDGET / "node_modules" / ".bin" / "tsc"
    if not compiler.exists():
        install = [
            npm,
            "install",
            "--no-package-lock",
            "--no-audit",
            "--no-fund",
            "--ignore-scripts",
            "--silent",
        ]
        if subprocess.run(install, cwd=WIDGET, check=False).returncode:
            print("✗ installing TypeScript failed", file=sys.stderr)
            return 1
    checked = subprocess.run([str(compiler), "-p", "jsconfig.json"], cwd=WIDGET, check=False)
    return checked.returncode


if __name__ == "__main__":
    sys.exit(main())
