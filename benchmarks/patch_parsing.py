"""What patchparser adds to plain unidiff in time and memory, as a table of ratios.

    python benchmarks/patch_parsing.py [--lines 20000 1000000] [--rounds 7]

Times are taken in turn in one process, and the median of each round's ratio is shown, so a busy
machine blurs all columns alike. Memory is what a fresh process grows by, above the diff itself.
``parse`` is parse_diff alone: names, statuses, counts. ``read`` goes on to read every line of
every hunk. ``unidiff`` is ``unidiff.PatchSet`` given text already decoded. Nothing is asserted:
the promise (1.1 times the time, a quarter of the memory) is for a person to compare.
"""

import argparse
import gc
import random
import statistics
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import unidiff.patch

from patchparser.patch import parse_diff

CONTEXT = 3


def make_diff(lines: int) -> bytes:
    """A diff of about so many lines, shaped like pull requests are: small hunks, several a file."""
    chance = random.Random(lines)
    return "".join(_files(lines, chance)).encode()


def make_new_file(lines: int) -> bytes:
    """The worst case for memory: one hunk holds everything."""
    chance = random.Random(lines)
    head = "diff --git a/x b/x\nnew file mode 100644\n--- /dev/null\n+++ b/x\n"
    body = "".join(f"+value = {'x' * chance.randint(0, 50)}\n" for _ in range(lines))
    return f"{head}@@ -0,0 +1,{lines} @@\n{body}".encode()


def _files(lines: int, chance: random.Random) -> Iterator[str]:
    written = number = 0
    while written < lines:
        number += 1
        name = f"src/package_{number % 50}/module_{number}.py"
        yield f"diff --git a/{name} b/{name}\nindex 1234567..89abcde 100644\n"
        yield f"--- a/{name}\n+++ b/{name}\n"
        source = target = 1
        for _ in range(chance.randint(1, 8)):
            body, removed, added = _hunk(chance)
            source_length, target_length = 2 * CONTEXT + removed, 2 * CONTEXT + added
            yield f"@@ -{source},{source_length} +{target},{target_length} @@ def function():\n"
            yield from body
            source, target = source + source_length + 40, target + target_length + 40
            written += len(body) + 1
        written += 4


def _hunk(chance: random.Random) -> tuple[list[str], int, int]:
    def text() -> str:
        return "    value = " + "x" * chance.randint(0, 50) + "\n"

    removed, added = chance.randint(0, 12), chance.randint(1, 25)
    before = [f" {text()}" for _ in range(CONTEXT)]
    changed = [f"-{text()}" for _ in range(removed)] + [f"+{text()}" for _ in range(added)]
    return [*before, *changed, *before], removed, added


def plain_unidiff(data: bytes, text: str) -> object:
    return unidiff.patch.PatchSet(text)


def parse(data: bytes, text: str) -> object:
    return parse_diff(data)


def read(data: bytes, text: str) -> object:
    patch = parse_diff(data)
    count = sum(1 for file in patch for hunk in file.hunks for _ in hunk.lines)
    return patch, count


CONTESTANTS: dict[str, Callable[[bytes, str], object]] = {
    "unidiff": plain_unidiff,
    "parse": parse,
    "read": read,
}


def seconds(contestant: Callable[[bytes, str], object], data: bytes, text: str) -> float:
    gc.collect()
    start = time.perf_counter()
    contestant(data, text)
    return time.perf_counter() - start


def grown_megabytes(name: str, data: bytes) -> float:
    """What a fresh process grows by at its highest, above the diff it was given."""
    command = [sys.executable, __file__, "--memory-of", name]
    return float(subprocess.run(command, check=True, capture_output=True, input=data).stdout)


def memory_of(name: str) -> None:
    data = sys.stdin.buffer.read()
    # Only unidiff needs the text; ours decodes what it reads.
    text = data.decode() if name == "unidiff" else ""
    small = make_diff(10)
    CONTESTANTS[name](small, small.decode())  # imports are not what is measured
    gc.collect()
    # Linux forgets the highest size so far: https://docs.kernel.org/filesystems/proc.html
    Path("/proc/self/clear_refs").write_text("5")
    before = highest_kilobytes()
    kept = CONTESTANTS[name](data, text)
    after = highest_kilobytes()
    assert kept
    print((after - before) / 1024)


def highest_kilobytes() -> int:
    status = Path("/proc/self/status").read_text()
    return next(int(line.split()[1]) for line in status.splitlines() if line.startswith("VmHWM"))


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n", 1)[0])
    parser.add_argument("--lines", type=int, nargs="+", default=[20_000, 1_000_000])
    parser.add_argument("--rounds", type=int, default=7)
    parser.add_argument("--one-file", action="store_true", help="all lines in one new file")
    parser.add_argument("--memory-of", choices=list(CONTESTANTS), help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.memory_of:
        memory_of(options.memory_of)
        return
    print(f"{'lines':>10} {'what':8} {'seconds':>8} {'time x':>7} {'MB':>7} {'memory x':>9}")
    for lines in options.lines:
        data = make_new_file(lines) if options.one_file else make_diff(lines)
        text = data.decode()
        rounds = [
            {name: seconds(run, data, text) for name, run in CONTESTANTS.items()}
            for _ in range(options.rounds)
        ]
        memory = {name: grown_megabytes(name, data) for name in CONTESTANTS}
        for name in CONTESTANTS:
            took = statistics.median(times[name] for times in rounds)
            ratio = statistics.median(times[name] / times["unidiff"] for times in rounds)
            grown = memory[name] / memory["unidiff"] if memory["unidiff"] else float("nan")
            print(f"{lines:10,} {name:8} {took:8.3f} {ratio:7.2f} {memory[name]:7.1f} {grown:9.2f}")


if __name__ == "__main__":
    main()
