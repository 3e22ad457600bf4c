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

from leeroy.config.fields import Model, Shown, is_off_by_default
from leeroy.config.models import Branch, Build, RepoSettings, Settings
from leeroy.config.parts import parts_of

#: The tables docs/configuration.md has, by the name in their markers: that of the key.
TABLES: dict[str, type[Model]] = {"settings": Settings}
for _key, _part in parts_of().items():
    # What stands under repositories stands in the first of them too.
    if _part is not RepoSettings and _part not in TABLES.values():
        TABLES[_key] = _part
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


def default_of(field: FieldInfo) -> str:
    """The default as a reader needs it."""
    for told in field.metadata:
        if isinstance(told, Shown):
            return told.default
    if field.is_required():
        return "required"
    if is_off_by_default(field):
        return "off"
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
        default = default_of(field)
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
