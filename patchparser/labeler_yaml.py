"""Reads a ``.github/labeler.yml``, the configuration of actions/labeler v5 and later.

https://github.com/actions/labeler#create-githublabeleryml
"""

from collections import Counter
from collections.abc import Hashable
from dataclasses import dataclass
from typing import Any

from patchparser.faults import Fault, PolicyError, Reader
from patchparser.label_rules import LabelRules
from patchparser.label_syntax import LabelSyntax

#: The longest file that is read: a hundred labels fill a tenth of it. A longer one takes long to
#: read, and whoever writes to a repository may write its labeler.yml.
MAX_BYTES = 64 * 1024
#: Values after anchors were followed; a few aliases of aliases would be millions.
MAX_VALUES = 20_000


@dataclass(frozen=True, kw_only=True)
class LabelerYaml:
    """What a labeler.yml says."""

    rules: LabelRules
    #: What labeler passes over without a word, and whoever wrote it should know.
    ignored: tuple[Fault, ...]


def parse_labeler_yaml(data: bytes) -> LabelerYaml:
    r"""Read a labeler.yml, or raise PolicyError with all that labeler would stumble over.

    >>> parsed = parse_labeler_yaml(b"docs:\n- changed-files:\n  - any-glob-to-any-file: docs/**\n")
    >>> parsed.rules.rules[0].label
    'docs'
    """
    if len(data) > MAX_BYTES:
        problem = f"is longer than {MAX_BYTES // 1024} KiB"
        raise PolicyError([Fault(path="", problem=problem, hint="globs can say it shorter")])
    # Imported here: it costs a tenth of the command's start-up, and most policies have no such file.
    import yaml

    faults: list[Fault] = []
    try:
        value = yaml.load(data, Loader=_loader(faults))
        if _count_values(value, {}) > MAX_VALUES:
            problem = f"has more than {MAX_VALUES:,} values once its aliases are followed"
            raise PolicyError([Fault(path="", problem=problem)])
    except (yaml.YAMLError, UnicodeDecodeError, RecursionError) as exc:
        problem = " ".join(str(exc).split())
        raise PolicyError([Fault(path="", problem=f"is no YAML: {problem}")]) from exc
    syntax = LabelSyntax(lenient=True)
    reader = Reader(value={} if value is None else value, path="")
    rules = syntax.read_rules(reader)
    if faults or reader.faults:
        raise PolicyError([*faults, *reader.faults])
    return LabelerYaml(rules=rules, ignored=tuple(syntax.ignored))


def _loader(faults: list[Fault]) -> type:
    """Make a loader that, as labeler's, takes ``on``, ``yes`` and dates for the text they are.

    Keys that stand twice are added to ``faults``.
    """
    import yaml

    class PlainLoader(yaml.SafeLoader):
        def construct_mapping(self, node: Any, deep: bool = False) -> dict[Hashable, Any]:
            # js-yaml, which labeler uses, refuses such a file; PyYAML would keep the last.
            keys = Counter(key.value for key, _ in node.value if isinstance(key, yaml.ScalarNode))
            faults.extend(
                Fault(path=key, problem="stands twice in one mapping; only one can count")
                for key, times in keys.items()
                if times > 1
            )
            return super().construct_mapping(node, deep)

    # YAML 1.1 reads a label called "on" as true; js-yaml, which labeler uses, reads YAML 1.2.
    kept = ("tag:yaml.org,2002:int", "tag:yaml.org,2002:null", "tag:yaml.org,2002:merge")
    PlainLoader.yaml_implicit_resolvers = {
        first: [(tag, regexp) for tag, regexp in resolvers if tag in kept]
        for first, resolvers in yaml.SafeLoader.yaml_implicit_resolvers.items()
    }
    return PlainLoader


def _count_values(value: object, known: dict[int, int]) -> int:
    """Count as whoever walks through it would, aliases over and over, but look at each once."""
    if not isinstance(value, list | dict):
        return 1
    if id(value) not in known:
        known[id(value)] = 1  # a value that holds itself ends here
        inside = value.values() if isinstance(value, dict) else value
        known[id(value)] += sum(_count_values(each, known) for each in inside)
    return known[id(value)]
