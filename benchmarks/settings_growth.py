"""How long settings take to be read and checked, by how many repositories, globs and builds they have.

``python -m benchmarks.settings_growth`` prints one line a size; each is read in a process of its own,
as ``leeroy check-config`` and a reload do, and the least CPU time of several counts.
"""

import argparse
import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

Settings = dict[str, Any]

_REST: Settings = {
    "jenkins": {
        "base_url": "https://jenkins.example.com",
        "username": "leeroy",
        "token": "t0ken-of-jenkins",
    },
    "github_token": "t0ken-of-github",
    "github_webhook_secret": "s3cret-of-the-webhook",
}
_READ = """
import sys, time
from pathlib import Path
from leeroy.config import load_config
begun = time.process_time()
load_config(Path(sys.argv[1]), {})
print(time.process_time() - begun)
"""


def _builds(repo: str, count: int = 2) -> list[Settings]:
    return [
        {"github_repo": repo, "jenkins_job_name": f"job-{index}", "context": f"ci/{index}"}
        for index in range(count)
    ]


def names(count: int) -> Settings:
    """Repositories by name, two builds each."""
    return {"builds": [b for i in range(count) for b in _builds(f"acme/widgets-{i}")]}


def own_secrets(count: int) -> Settings:
    """The same, each with an entry and a secret of its own."""
    return {
        **names(count),
        "repositories": {
            f"acme/widgets-{i}": {"github_webhook_secret": f"s3cret-of-{i}"} for i in range(count)
        },
    }


def owners(count: int) -> Settings:
    """Globs, an owner each."""
    return {"builds": [b for i in range(count) for b in _builds(f"owner-{i}/*")]}


def prefixes(count: int) -> Settings:
    """Globs of one owner's repositories."""
    return {"builds": [b for i in range(count) for b in _builds(f"acme/team-{i}-*")]}


def suffixes(count: int) -> Settings:
    """Globs that begin with anything."""
    return {"builds": [b for i in range(count) for b in _builds(f"*/widgets-{i}")]}


def builds(count: int) -> Settings:
    """So many builds of ninety repositories."""
    return {
        "builds": [b for i in range(90) for b in _builds(f"acme/widgets-{i}", max(1, count // 90))]
    }


def one_repository(count: int) -> Settings:
    """So many builds of one repository."""
    return {"builds": _builds("acme/widgets", count)}


def one_context(count: int) -> Settings:
    """So many builds of one repository that share a context, each for a base branch of its own."""
    shared = {"github_repo": "acme/widgets", "context": "ci"}
    return {
        "builds": [
            {**shared, "jenkins_job_name": f"job-{i}", "branches": [f"release/{i}"]}
            for i in range(count)
        ]
    }


def branches(count: int) -> Settings:
    """So many branches of one repository."""
    shared = {"github_repo": "acme/widgets", "jenkins_job_name": "release", "context": "ci"}
    return {"branches": [{**shared, "branch": f"release/{i}"} for i in range(count)]}


SHAPES: Mapping[Callable[[int], Settings], tuple[int, ...]] = {
    names: (1000, 3000),
    own_secrets: (1000, 3000),
    owners: (300, 1000),
    prefixes: (300, 1000),
    suffixes: (300, 1000),
    builds: (900, 3600),
    one_repository: (900, 3600),
    one_context: (900, 3600),
    branches: (900, 3600),
}


def seconds(settings: Settings, *, tries: int, most: float, python: Path) -> float | None:
    """The least CPU time of reading these settings; None: it took longer than anybody waits."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "config.json"
        path.write_text(json.dumps({**_REST, **settings}))
        command = [sys.executable, "-c", _READ, str(path)]
        environ = {**os.environ, "PYTHONPATH": str(python)}
        taken = []
        for _ in range(tries):
            try:
                done = subprocess.run(
                    command, env=environ, cwd=python, timeout=most, check=True, capture_output=True
                )
            except subprocess.TimeoutExpired:
                return None
            taken.append(float(done.stdout))
        return min(taken)


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--tries", type=int, default=3)
    parser.add_argument("--most", type=float, default=60.0, help="seconds to wait for one reading")
    parser.add_argument(
        "--checkout", type=Path, default=Path.cwd(), help="whose settings to measure"
    )
    asked = parser.parse_args()
    for shape, counts in SHAPES.items():
        for count in counts:
            least = seconds(shape(count), tries=asked.tries, most=asked.most, python=asked.checkout)
            told = f"over {asked.most:.0f} s" if least is None else f"{least:.2f} s of CPU"
            print(f"{shape.__name__:<16} {count:>5}  {told}")


if __name__ == "__main__":
    main()
