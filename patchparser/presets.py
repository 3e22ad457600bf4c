"""Policies of well-known projects, to begin from: ``"preset": "docker"``."""

from collections.abc import Mapping
from typing import Any

#: docker/leeroy tells its paths by how they begin: ``docs`` also means ``docsfoo/x``.
#: https://github.com/docker-archive/leeroy/blob/master/github/pull_request.go
_DOCKER_DOCS = ",".join(
    [
        *("docs*", "docs*/**", "experimental*", "experimental*/**"),
        *("man*.{md,txt}", "man*/**/*.{md,txt}"),
        *(
            f"contrib/{folder}{rest}"
            for folder in ("completion", "desktop-integration", "mkimage")
            for rest in ("*", "*/**")
        ),
    ]
)
#: docker/leeroy leaves pull requests against its release branch alone.
_NOT_RELEASE = {"all": [{"base-branch": "^(?!release$)"}]}

PRESETS: Mapping[str, Mapping[str, Any]] = {
    # https://github.com/docker-archive/leeroy/blob/master/github/dco.go
    "docker": {
        "signoff": {
            "mode": "required",
            "match": "present",
            "context": "docker/dco-signed",
            "label": "dco/no",
            "help_url": "https://github.com/moby/moby/blob/master/CONTRIBUTING.md#sign-your-work",
            "skip_base_branches": ["release"],
        },
        "on_opened": {
            "status/1-design-review": [_NOT_RELEASE, {"all": [{"title": "(?i)proposal"}]}],
            "status/3-docs-review": [
                _NOT_RELEASE,
                {"all": [{"changed-files": [{"any-glob-to-all-files": f"{{{_DOCKER_DOCS}}}"}]}]},
            ],
            "status/0-triage": [_NOT_RELEASE],
        },
    },
}
