"""How big a pull request is, by the lines people have to read."""

from dataclasses import dataclass

from patchparser.kinds import Kind, Kinds
from patchparser.patch import PatchSet

#: Nobody reads these line by line, so they do not count.
NOT_COUNTED = frozenset({Kind.GENERATED, Kind.VENDORED})


@dataclass(frozen=True, kw_only=True)
class SizeLabel:
    """A label, and the least number of changed lines it stands for."""

    label: str
    least: int


#: prow's thresholds: https://docs.prow.k8s.io/docs/components/plugins/size/
PROW_SIZES = (
    SizeLabel(label="size/XS", least=0),
    SizeLabel(label="size/S", least=10),
    SizeLabel(label="size/M", least=30),
    SizeLabel(label="size/L", least=100),
    SizeLabel(label="size/XL", least=500),
    SizeLabel(label="size/XXL", least=1000),
)


def changed_lines(patch: PatchSet, kinds: Kinds) -> int:
    """Count the lines added and removed outside of generated and vendored files."""
    return sum(file.changes for file in patch if kinds.kind_of(file.path) not in NOT_COUNTED)


def size_label(lines: int, sizes: tuple[SizeLabel, ...]) -> SizeLabel | None:
    """Choose the label for a number of changed lines; None below the smallest threshold.

    >>> size_label(29, PROW_SIZES).label, size_label(30, PROW_SIZES).label
    ('size/S', 'size/M')
    """
    reached = [size for size in sizes if size.least <= lines]
    return max(reached, key=lambda size: size.least, default=None)
