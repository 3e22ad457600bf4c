"""What the demo prints: each event as it happens, in a line told by who did it; then how it ends."""

import json
import re
import shlex
import sys
import threading
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager

from rich.console import Console
from rich.table import Table
from rich.text import Text

from leeroy.demo import cast
from leeroy.demo.expectations import AT_THE_END
from leeroy.demo.stage import Stage
from leeroy.demo.watcher import STATE_STYLES, Line, Watcher

#: Between two looks at what happened.
TICK_SECONDS = 0.1
STYLES = {"GitHub": "blue", "Leeroy": "magenta", "Jenkins": "cyan"}

_HIDDEN = re.compile(r"<!--.*?-->", re.DOTALL)
_FOLDED = re.compile(r"<details><summary>(.*?)</summary>.*?</details>\n?", re.DOTALL)


class Narrator:
    """Watches a stage and prints what happens there."""

    def __init__(self, stage: Stage, console: Console, *, pause: float = 0.0) -> None:
        self._stage = stage
        #: Seconds before each scene, for people to follow.
        self._pause = pause
        self._console = console
        self._began = time.monotonic()
        self._lock = threading.Lock()
        self._stopping = threading.Event()
        self._watcher = Watcher(stage)
        #: Seen in the last tick: told in the next one, after what led to it.
        self._held: list[Line] = []

    @contextmanager
    def watching(self) -> Iterator[None]:
        """Tell what happens meanwhile."""
        thread = threading.Thread(target=self._watch, name="demo-narrator", daemon=True)
        thread.start()
        try:
            yield
        finally:
            self._stopping.set()
            thread.join(timeout=5)

    def catch_up(self) -> None:
        """Tell all that has happened so far."""
        self._tick()
        self._tick()

    def introduce(self) -> None:
        """Say what is running."""
        stage = self._stage
        self._console.print(Text("A sandbox GitHub and Jenkins, and a real `leeroy serve`:"))
        self._console.print(Text(f"  GitHub   {stage.github.url}", style="blue"))
        self._console.print(Text(f"  Jenkins  {stage.jenkins.root_url}", style="cyan"))
        self._console.print(Text(f"  Leeroy   {stage.service.url}", style="magenta"))

    def conclude(self, differing: Sequence[str]) -> None:
        """Show what stands on GitHub, and whether that is as it should be."""
        self.table()
        self._console.print()
        if not differing:
            count = sum(len(head.statuses) for head in AT_THE_END.heads)
            said = f"All {count} expected statuses stand, on {len(AT_THE_END.heads)} heads."
            self._console.print(Text(said, style="bold green"))
            return
        self._console.print(Text("Not everything came as expected:", style="bold red"))
        for line in differing:
            self._console.print(Text(f"  {line}", style="red"))

    def invite(self) -> None:
        """Say what people can do now."""
        stage, url = self._stage, self._stage.service.url
        retry = {"number": 2, "repo": cast.REPO, "context": "all"}
        for line in (
            "",
            f"Leeroy serves on until Ctrl-C. Its dashboard: {url}/",
            f"  user {cast.OPERATOR}, password {stage.keys.password}",
            "Open a pull request of your own: push any branch.",
            f"  $ git clone {stage.clone_url} && cd widgets",
            "  $ git switch -c mine && echo more >> README.md && git commit -asm 'Say more'",
            "  $ git push origin mine",
            "Build one again, or see what Leeroy would do about it now:",
            f"  $ {self.curl('/build/retry', retry, stage.keys.password)}",
            f"  $ {sys.argv[0]} plan --config {stage.config} {cast.REPO}#2",
            "",
        ):
            self._console.print(Text(line))

    def scene(self, text: str) -> None:
        """Somebody does something."""
        self.catch_up()
        time.sleep(self._pause)
        self._console.print()
        self._console.print(Text(f"▸ {text}", style="bold"))

    def tell(self, who: str, text: str | Text, about: str = "") -> None:
        """One line: who did what, about which pull request or branch."""
        line = Text(f"{time.monotonic() - self._began:6.1f} s  ", style="dim")
        line.append(f"{who:<8}", style=STYLES.get(who, ""))
        line.append(f"{about:<4} ", style="bold")
        self._console.print(line.append_text(Text(text) if isinstance(text, str) else text))

    def comment(self, number: int) -> None:
        """Show Leeroy's comment on a pull request, as it stands."""
        self.catch_up()
        said = [c for c in self._stage.github.comments(cast.REPO, number) if c.login == cast.BOT]
        for comment in said:
            for line in visible(comment.body):
                self._console.print(Text(f"          ┃ {line}", style="dim"))

    def curl(self, path: str, body: Mapping[str, object], password: str) -> str:
        """The command that asks Leeroy for something."""
        who = f"{cast.OPERATOR}:{password}"
        data = shlex.quote(json.dumps(body))
        return f"curl -u {who} -d {data} {self._stage.service.url}{path}"

    def shell(self, command: str) -> None:
        """A command that people can run themselves."""
        self._console.print(Text(f"  $ {command}", style="dim"))

    def table(self) -> None:
        """Every pull request and push to main, with its contexts and states on GitHub."""
        self.catch_up()
        table = Table(title="What stands on GitHub", title_justify="left", pad_edge=False)
        for column in ("", "title", "context", "state", "description"):
            table.add_column(column, no_wrap=column != "description")
        github = self._stage.github
        git = github.repository(cast.REPO).git
        heads = [(f"#{pull.number}", pull.title, pull.head_sha) for pull in self._watcher.pulls()]
        for sha in self._stage.main_heads:
            heads.append((cast.MAIN, git.commit(sha).message.partition("\n")[0], sha))
        for about, title, sha in heads:
            latest = github.statuses(cast.REPO, sha).latest
            first = True
            for context, status in sorted(latest.items()):
                table.add_row(
                    about if first else "",
                    title if first else "",
                    context,
                    Text(status.state, style=STATE_STYLES[status.state]),
                    status.description or "",
                    end_section=context == max(latest),
                )
                first = False
        self._console.print()
        self._console.print(table)

    def _watch(self) -> None:
        while not self._stopping.wait(TICK_SECONDS):
            self._tick()
        self.catch_up()

    def _tick(self) -> None:
        with self._lock:
            outcomes = list(self._watcher.outcomes())
            causes = list(self._watcher.causes())
            for line in (*causes, *self._held):
                self.tell(line.who, line.text, line.about)
            self._held = outcomes


def visible(body: str) -> list[str]:
    """A comment as GitHub shows it: no hidden markers, and what can be unfolded is folded.

    >>> for line in visible("<!-- x -->\\nThanks\\n\\n<details><summary>How</summary>\\n\\nSo\\n\\n</details>"):
    ...     print(line)
    Thanks
    ▸ How
    """
    shown = _HIDDEN.sub("", _FOLDED.sub(r"▸ \1\n", body))
    return [line for line in shown.splitlines() if line.strip()]
