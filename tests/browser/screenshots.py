"""Pictures of the dashboard for the documentation: ``python -m tests.browser.screenshots FOLDER``."""

import sys
import tempfile
from pathlib import Path

from playwright.sync_api import sync_playwright

from tests.browser.dashboard_world import GUID, OPERATOR, PASSWORD, served

CHROMIUM = "/usr/bin/chromium"
PAGES = {
    "now": "/",
    "pull": "/pulls/acme/widgets/412",
    "deliveries": "/deliveries",
    "delivery": f"/deliveries/{GUID}",
}
#: Name -> width, height, colours.
LOOKS = {
    "light": (1180, 760, "light"),
    "dark": (1180, 760, "dark"),
    "phone": (360, 760, "light"),
}


def take(folder: Path) -> None:
    """Write one picture a page and look into the folder."""
    folder.mkdir(parents=True, exist_ok=True)
    with (
        tempfile.TemporaryDirectory() as data,
        served(Path(data)) as site,
        sync_playwright() as playwright,
        playwright.chromium.launch(executable_path=CHROMIUM) as browser,
    ):
        for look, (width, height, colours) in LOOKS.items():
            context = browser.new_context(
                viewport={"width": width, "height": height},
                color_scheme=colours,  # type: ignore[arg-type]
                http_credentials={"username": OPERATOR, "password": PASSWORD},
            )
            page = context.new_page()
            for name, path in PAGES.items():
                page.goto(site.url + path)
                page.screenshot(path=folder / f"{name}-{look}.png", full_page=True)
            context.close()


if __name__ == "__main__":
    take(Path(sys.argv[1] if len(sys.argv) > 1 else "docs/screenshots"))
