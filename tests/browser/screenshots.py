"""Pictures of the dashboard for the documentation: ``python -m tests.browser.screenshots FOLDER``."""

import sys
import tempfile
from pathlib import Path

from playwright.sync_api import sync_playwright

from tests.browser.dashboard_world import GUID, OPERATOR, PASSWORD, served

CHROMIUM = "/usr/bin/chromium"
#: Name -> page, width, colours.
SHOTS = {
    "now-light": ("/", 1180, "light"),
    "now-dark": ("/", 1180, "dark"),
    "now-phone": ("/", 360, "light"),
    "pull-light": ("/pulls/acme/widgets/412", 1180, "light"),
    "pull-phone": ("/pulls/acme/widgets/412", 360, "dark"),
    "deliveries-light": ("/deliveries", 1180, "light"),
    "delivery-dark": (f"/deliveries/{GUID}", 1180, "dark"),
}


def take(folder: Path) -> None:
    """Write the pictures into the folder."""
    folder.mkdir(parents=True, exist_ok=True)
    with (
        tempfile.TemporaryDirectory() as data,
        served(Path(data)) as site,
        sync_playwright() as playwright,
        playwright.chromium.launch(executable_path=CHROMIUM) as browser,
    ):
        for name, (path, width, colours) in SHOTS.items():
            context = browser.new_context(
                viewport={"width": width, "height": 760},
                color_scheme=colours,  # type: ignore[arg-type]
                http_credentials={"username": OPERATOR, "password": PASSWORD},
            )
            page = context.new_page()
            page.goto(site.url + path)
            page.screenshot(path=folder / f"{name}.png", full_page=True)
            context.close()


if __name__ == "__main__":
    take(Path(sys.argv[1] if len(sys.argv) > 1 else "docs/screenshots"))
