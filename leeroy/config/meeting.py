"""Whether some name is meant by several globs at once, and by which: told by an example of one.

A glob is a small machine that reads a name letter by letter. Several run side by side over every
name there can be, one letter a kind: what they have seen alike they go on with alike, so the search
ends, with the shortest name or with none.
"""

from collections.abc import Callable, Iterator, Sequence

from leeroy.config.globs import Either, Glob, Letter, Many, Node, NotRead, Seq, parse

#: Sets of states to look at before the question is given up as too hard.
MOST_STEPS = 2_000

#: What an example is made of, if it may be.
_READABLE = [ord(letter) for letter in "xabcdefghijklmnopqrstuvwyz0123456789-_."]

_States = frozenset[int]


class Undecided(Exception):
    """Too many globs, or too entangled, to tell."""


def example(globs: Sequence[str], wanted: Callable[[Sequence[bool]], bool]) -> str | None:
    """A shortest name for which ``wanted`` says yes of what each glob says; None: there is none.

    >>> example(["acme/w*", "*/widgets"], all)
    'acme/widgets'
    >>> example(["release/*", "main"], all) is None
    True
    >>> example(["release/*", "release/1.*"], lambda says: says[0] and not says[1])
    'release/x'

    Raises:
        Undecided: it would take too long to find out, or a glob is not looked into.
    """
    try:
        read = [parse(glob) for glob in globs]
    except NotRead as exc:
        raise Undecided from exc
    machines = [_Machine(glob.node) for glob in read]
    letters = _letters(read)
    first = tuple(machine.start for machine in machines)
    seen, row = {first}, [(first, "")]
    while row:
        then: list[tuple[tuple[_States, ...], str]] = []
        for states, name in row:
            for letter in letters:
                code = ord(letter)
                after = tuple(
                    machine.after(old, code) for machine, old in zip(machines, states, strict=True)
                )
                if after in seen:
                    continue
                seen.add(after)
                says = [
                    (machine.end in new) is not glob.is_turned
                    for machine, new, glob in zip(machines, after, read, strict=True)
                ]
                if wanted(says):
                    return name + letter
                then.append((after, name + letter))
            if len(seen) > MOST_STEPS:
                raise Undecided
        row = then
    return None


class _Machine:
    """A glob's states and the letters that lead from one to the next."""

    def __init__(self, node: Node) -> None:
        self._free: list[list[int]] = []
        self._by_letter: list[tuple[Letter, int] | None] = []
        first = self._state()
        self.end = self._add(node, first)
        self.start = self._closed({first})
        self._known: dict[tuple[_States, int], _States] = {}

    def after(self, states: _States, code: int) -> _States:
        """The states that a letter leads to."""
        found = self._known.get((states, code))
        if found is None:
            found = self._closed(
                {
                    step[1]
                    for state in states
                    if (step := self._by_letter[state]) and code in step[0]
                }
            )
            self._known[states, code] = found
        return found

    def _state(self) -> int:
        self._free.append([])
        self._by_letter.append(None)
        return len(self._free) - 1

    def _add(self, node: Node, begin: int) -> int:
        """Lay the part behind a state; the state where it ends."""
        match node:
            case Letter():
                here, end = self._state(), self._state()
                self._free[begin].append(here)
                self._by_letter[here] = (node, end)
                return end
            case Seq(parts=parts):
                for part in parts:
                    begin = self._add(part, begin)
                return begin
            case Either(choices=choices):
                end = self._state()
                for choice in choices:
                    self._free[self._add(choice, begin)].append(end)
                return end
            case Many(of=inner):
                again = self._state()
                self._free[begin].append(again)
                self._free[self._add(inner, again)].append(again)
                return again

    def _closed(self, states: set[int]) -> _States:
        """With all that is reached without a letter."""
        todo = list(states)
        while todo:
            for state in self._free[todo.pop()]:
                if state not in states:
                    states.add(state)
                    todo.append(state)
        return frozenset(states)


def _letters(globs: Sequence[Glob]) -> str:
    """One letter for each kind that some glob tells from others; readable ones where there are."""
    borders = {0}
    for glob in globs:
        for letter in _all_letters(glob.node):
            for first, last in letter.ranges:
                borders |= {first, last + 1}
    starts = sorted(border for border in borders if border <= 0x10FFFF)
    ends = [*(start - 1 for start in starts[1:]), 0x10FFFF]
    found = []
    for first, last in zip(starts, ends, strict=True):
        code = next((code for code in _READABLE if first <= code <= last), first)
        if code and not 0xD800 <= code <= 0xDFFF:
            found.append(code)
    found.sort(key=lambda code: _READABLE.index(code) if code in _READABLE else len(_READABLE))
    return "".join(map(chr, found))


def _all_letters(node: Node) -> Iterator[Letter]:
    match node:
        case Letter():
            yield node
        case Seq(parts=parts) | Either(choices=parts):
            for part in parts:
                yield from _all_letters(part)
        case Many(of=inner):
            yield from _all_letters(inner)
