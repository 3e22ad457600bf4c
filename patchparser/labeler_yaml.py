"""Reads a ``.github/labeler.yml``, the configuration of actions/labeler v5 and later.

https://github.com/actions/labeler#create-githublabeleryml
"""

from dataclasses import dataclass

from patchparser.faults import Fault, PolicyError, Reader
from patchparser.label_rules import LabelRules
from patchparser.label_syntax import LabelSyntax


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
    # Imported here: it costs a tenth of the command's start-up, and most policies have no such file.
    import yaml

    try:
        value = yaml.load(data, Loader=_loader())
    except (yaml.YAMLError, UnicodeDecodeError, RecursionError) as exc:
        problem = " ".join(str(exc).split())
        raise PolicyError([Fault(path="", problem=f"is no YAML: {problem}")]) from exc
    syntax = LabelSyntax(lenient=True)
    reader = Reader(value={} if value is None else value, path="")
    rules = syntax.read_rules(reader)
    if reader.faults:
        raise PolicyError(reader.faults)
    return LabelerYaml(rules=rules, ignored=tuple(syntax.ignored))


def _loader() -> type:
    """Make a loader that, as labeler's, takes ``on``, ``yes`` and dates for the text they are."""
    import yaml

    class PlainLoader(yaml.SafeLoader):
        pass

    # YAML 1.1 reads a label called "on" as true; js-yaml, which labeler uses, reads YAML 1.2.
    kept = ("tag:yaml.org,2002:int", "tag:yaml.org,2002:null", "tag:yaml.org,2002:merge")
    PlainLoader.yaml_implicit_resolvers = {
        first: [(tag, regexp) for tag, regexp in resolvers if tag in kept]
        for first, resolvers in yaml.SafeLoader.yaml_implicit_resolvers.items()
    }
    return PlainLoader
