"""Asks pip-audit for known holes in the pinned packages, and says of how many nothing is known.

An index may have no data about holes; pip-audit then passes over the package and says that all is
well. ``python -m tests.audit PIP_AUDIT CONSTRAINTS`` ends with 1 for a hole, and for a failed audit.
"""

import json
import subprocess
import sys
import tempfile
from pathlib import Path


def main(pip_audit: str, constraints: str) -> int:
    """Run the audit and print one line."""
    with tempfile.TemporaryDirectory() as folder:
        found = Path(folder) / "found.json"
        asked = subprocess.run(
            [
                pip_audit, "--requirement", constraints, "--no-deps", "--disable-pip",
                "--progress-spinner", "off", "--format", "json", "--output", str(found),
            ],
            capture_output=True,
            text=True,
            check=False,
        )  # fmt: skip
        text = found.read_text() if found.exists() else ""
    if asked.returncode or not text:
        print(text or asked.stderr, file=sys.stderr)  # noqa: T201
        return 1
    packages = json.loads(text)["dependencies"]
    unknown = sum("skip_reason" in package for package in packages)
    line = f"audit: {len(packages) - unknown} packages have no known hole"
    if unknown:
        line += f"; of {unknown} nothing is known: the index has no data about them"
    print(line)  # noqa: T201
    return 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
