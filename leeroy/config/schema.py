"""The JSON Schema of config.json, for editors: https://json-schema.org."""

from typing import Any

from leeroy.config.models import Settings
from leeroy.config.policy_schema import policy_schemas


def config_schema() -> dict[str, Any]:
    """What config.json may hold, every key with its description and default."""
    schema = Settings.model_json_schema(by_alias=True)
    for holder in (schema, schema["$defs"]["RepoSettings"]):
        # The settings hold the policy as patchparser is given it; its keys are patchparser's.
        policy = holder["properties"]["patchparser"]
        policy["anyOf"] = [
            {"$ref": "#/$defs/Policy"} if each.get("type") == "object" else each
            for each in policy["anyOf"]
        ]
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        **schema,
        "$defs": {**schema["$defs"], **policy_schemas()},
        "title": "Leeroy's config.json",
        "description": "The settings of Leeroy; docs/configuration.md tells more.",
    }
