"""The JSON Schema of config.json, for editors: https://json-schema.org."""

from typing import Any

from leeroy.config.models import Settings


def config_schema() -> dict[str, Any]:
    """What config.json may hold, every key with its description and default."""
    schema = Settings.model_json_schema(by_alias=True)
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        **schema,
        "title": "Leeroy's config.json",
        "description": "The settings of Leeroy; docs/configuration.md tells more.",
    }
