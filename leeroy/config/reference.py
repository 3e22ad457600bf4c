"""What the settings are, told from the models: the tables of docs/configuration.md.

``python -m leeroy.config.reference docs/configuration.md`` writes the tables anew.
"""

import json
import re
import sys
from enum import StrEnum
from pathlib import Path

from pydantic import SecretStr
from pydantic.fields import FieldInfo

from leeroy.config.fields import Model
from leeroy.config.models import (
    Branch,
    Build,
    Comments,
    Conflicts,
    Notify,
    RepoSettings,
    Server,
    Settings,
)
from leeroy.config.nsq import Nsq, NsqConsume, NsqPublish, NsqTls

#: The tables docs/configuration.md has, by the name in their markers.
TABLES: dict[str, type[Model]] = {
    "settings": Settings,
    "jenkins": Server,
    "builds": Build,
    "branches": Branch,
    "notify": Notify,
    "comments": Comments,
    "conflicts": Conflicts,
    "nsq": Nsq,
    "publish": NsqPublish,
    "consume": NsqConsume,
    "tls": NsqTls,
}
#: Defaults that are not a value of their own.
_DEFAULTS = {
    "settings.jenkins": "required",
    "settings.github_token": "required",
    "settings.github_user": "asked of GitHub once",
    "settings.github_webhook_secret": "required",
    "settings.patchparser": "off",
    "settings.conflicts": "off",
    "settings.nsq": "off",
    "nsq.publish": "off",
    "nsq.consume": "off",
    "publish.ca_file": "the system's",
    "consume.tls": "off",
    "tls.ca_file": "the system's",
    "builds.context": "the job's name",
    "branches.context": "the job's name",
    "builds.jenkins_job_name": "nothing is built",
    "branches.jenkins_job_name": "nothing is built",
    "jenkins.ca_file": "the system's",
    "settings.github_ca_file": "the system's",
    "builds.parameters": '"leeroy"',
    "branches.parameters": '"leeroy"',
    "settings.database_url": '"sqlite:///leeroy.db"',
}
_MARKED = re.compile(r"(<!-- table: (\w+) -->\n).*?(<!-- end -->)", re.DOTALL)


def level_of(name: str, model: type[Model]) -> str:
    """Where a key may stand: ``top``, ``repo``, ``build`` and what goes with them.

    >>> level_of("drafts", Settings), level_of("user", Settings)
    ('repo, build', 'top')
    """
    if model is not Settings:
        return {Build: "build", Branch: "branch"}.get(model, "")
    if name not in RepoSettings.model_fields:
        return "top"
    return "repo, build" if name in Build.model_fields else "repo"


def default_of(field: FieldInfo, place: str) -> str:
    """The default as a reader needs it; ``place`` is ``table.key``."""
    if place in _DEFAULTS:
        return _DEFAULTS[place]
    if field.is_required():
        return "required"
    default = field.default
    if isinstance(default, SecretStr):
        default = default.get_secret_value()
    if isinstance(default, Model):
        return "off"
    if default is None or default == "":
        return "-"
    return json.dumps(str(default) if isinstance(default, StrEnum) else default)


def table_of(name: str) -> str:
    """One of the tables, as Markdown."""
    model = TABLES[name]
    has_levels = model is Settings
    lines = ["| key | level | default | meaning |" if has_levels else "| key | default | meaning |"]
    lines.append("|---|---|---|---|" if has_levels else "|---|---|---|")
    # What stands at the top only comes first: everybody needs some of it.
    names = sorted(model.model_fields, key=lambda key: level_of(key, model) != "top")
    for field_name in names:
        field = model.model_fields[field_name]
        default = default_of(field, f"{name}.{field_name}")
        if model is Build and field_name in RepoSettings.model_fields:
            default = "the repository's"
        cells = [f"`{field.alias or field_name}`", default, _in_cell(field.description or "")]
        if has_levels:
            cells.insert(1, level_of(field_name, model))
        lines.append(f"| {' | '.join(cells)} |")
    return "\n".join(lines)


def with_tables(text: str) -> str:
    """The document with its tables as they should be now."""
    return _MARKED.sub(lambda match: f"{match[1]}{table_of(match[2])}\n{match[3]}", text)


def _in_cell(description: str) -> str:
    return " ".join(description.split()).replace("|", "\\|")


if __name__ == "__main__":
    document = Path(sys.argv[1])
    document.write_text(with_tables(document.read_text("utf-8")), "utf-8")
