"""The dashboard in a real browser: on a phone, in the dark, by keyboard, and with strangers' words."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from leeroy.hints import RequestHint
from tests.browser.dashboard_world import GUID, OPERATOR, PASSWORD, Site, served

CHROMIUM = Path("/usr/bin/chromium")

playwright_api = pytest.importorskip(
    "playwright.sync_api", reason="playwright is not installed: pip install 'leeroy[dev]'"
)
pytestmark = pytest.mark.skipif(
    not CHROMIUM.exists(), reason=f"{CHROMIUM} is not there: apt install chromium"
)

PAGES = [
    pytest.param("/", id="now"),
    pytest.param("/deliveries", id="deliveries"),
    pytest.param(f"/deliveries/{GUID}", id="delivery"),
    pytest.param("/pulls/acme/widgets/412", id="pull request"),
    pytest.param("/pulls/acme/widgets/409", id="a long title"),
    pytest.param("/pulls/acme/widgets/398", id="a hostile title"),
    pytest.param("/pulls/acme/none/1", id="not found"),
]

#: The worst contrast of any text with what is behind it; badges and cards may be translucent.
WORST_CONTRAST = """() => {
  const rgb = text => text.match(/[\\d.]+/g).map(Number);
  const light = ([r, g, b]) => {
    const [x, y, z] = [r, g, b].map(v => v / 255)
      .map(v => v <= 0.04045 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4);
    return 0.2126 * x + 0.7152 * y + 0.0722 * z;
  };
  const behind = element => {
    for (let at = element; at; at = at.parentElement) {
      const colour = rgb(getComputedStyle(at).backgroundColor);
      if (colour.length < 4 || colour[3] === 1) return colour;
    }
    return [255, 255, 255];
  };
  const found = [];
  const texts = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  while (texts.nextNode()) {
    const element = texts.currentNode.parentElement;
    if (!texts.currentNode.textContent.trim() || !element.checkVisibility()) continue;
    const [a, b] = [light(rgb(getComputedStyle(element).color)), light(behind(element))];
    const ratio = (Math.max(a, b) + 0.05) / (Math.min(a, b) + 0.05);
    found.push([ratio, texts.currentNode.textContent.trim()]);
  }
  return found.sort((a, b) => a[0] - b[0])[0];
}"""


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    with served(tmp_path_factory.mktemp("dashboard")) as site:
        yield site


@pytest.fixture(scope="module")
def browser() -> Iterator[Any]:
    with (
        playwright_api.sync_playwright() as playwright,
        playwright.chromium.launch(executable_path=str(CHROMIUM)) as browser,
    ):
        yield browser


@pytest.fixture
def open_page(browser, site):
    """Opens a page as the operator; what the browser complained of is in ``page.complaints``."""
    contexts = []

    def open_(path: str, **settings: Any) -> Any:
        context = browser.new_context(
            http_credentials={"username": OPERATOR, "password": PASSWORD}, **settings
        )
        contexts.append(context)
        page = context.new_page()
        page.complaints = []
        page.on("console", lambda message: page.complaints.append(message.text))
        page.on("pageerror", lambda error: page.complaints.append(str(error)))
        page.on("dialog", lambda dialog: page.complaints.append(dialog.message))
        page.goto(site.url + path)
        return page

    yield open_
    for context in contexts:
        context.close()


@pytest.mark.parametrize("path", PAGES)
def test_a_phone_never_scrolls_sideways(open_page, path):
    page = open_page(path, viewport={"width": 360, "height": 740})
    assert page.evaluate("document.documentElement.scrollWidth") <= 360


def test_on_a_phone_the_rows_of_a_table_are_lists_with_labels(open_page):
    page = open_page("/pulls/acme/widgets/412", viewport={"width": 360, "height": 740})
    cells = page.locator("td").all()
    assert min(cell.bounding_box()["width"] for cell in cells) > 250
    label = page.evaluate("getComputedStyle(document.querySelector('td'), '::before').content")
    assert label == '"Context"'


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("path", PAGES)
def test_every_text_can_be_read(open_page, path, scheme):
    page = open_page(path, color_scheme=scheme)
    ratio, text = page.evaluate(WORST_CONTRAST)
    assert ratio >= 4.5, text


@pytest.mark.parametrize("path", PAGES[:-1])
def test_the_browser_has_nothing_to_complain_of(open_page, path):
    # The policy would be reported here, were there a script or a style that it forbids.
    page = open_page(path)
    assert page.complaints == []
    assert page.title().endswith("· Leeroy")


def test_dark_is_dark_and_light_is_light(open_page):
    colour = "getComputedStyle(document.body).backgroundColor"
    assert open_page("/", color_scheme="dark").evaluate(colour) == "rgb(18, 22, 20)"
    assert open_page("/", color_scheme="light").evaluate(colour) == "rgb(245, 246, 244)"


def test_by_keyboard_alone_one_gets_everywhere(open_page):
    page = open_page("/")
    reached = []
    for _ in range(12):
        page.keyboard.press("Tab")
        focused = page.evaluate(
            "(e => [e.textContent.trim(), getComputedStyle(e).outlineStyle])"
            "(document.activeElement)"
        )
        reached.append(focused[0])
        assert focused[1] != "none", f"nobody sees that {focused[0]!r} has the focus"
    wanted = ["Skip to content", "Leeroy", "Now", "Deliveries", "Retry acme/widgets#409"]
    assert [name for name in reached if name in wanted] == wanted


def test_finding_a_pull_request_by_the_address_on_github(open_page):
    page = open_page("/")
    page.get_by_label("Find a pull request").fill("https://github.com/acme/widgets/pull/412")
    page.keyboard.press("Enter")
    page.wait_for_url("**/pulls/acme/widgets/412")
    assert page.get_by_role("heading", level=1).inner_text() == "Make widgets rounder"


def test_a_build_is_asked_for_again_with_one_press(open_page, site):
    page = open_page("/pulls/acme/widgets/412", viewport={"width": 360, "height": 740})
    page.get_by_role("button", name="Rebuild ci/windows").click()
    assert page.get_by_role("status").inner_text() == "The build was asked for."
    hint = site.services.queue.recent_hints(1)[0]
    assert (hint.subject, hint.hint) == ("acme/widgets#412", RequestHint(context="ci/windows"))


def test_another_sites_form_is_sent_without_the_cookie_and_refused(open_page, site, tmp_path):
    before = len(site.services.queue.recent_hints(100))
    page = open_page("/pulls/acme/widgets/412")
    token = page.locator("input[name=token]").first.get_attribute("value")
    evil = tmp_path / "evil.html"
    # Even with a token it must not have: the cookie stays at home.
    evil.write_text(
        f'<form method=post action="{site.url}/pulls/acme/widgets/412/rebuild">'
        f'<input name=token value="{token}"><input name=context value="ci/unit">'
        "<button>Win a prize</button></form>"
    )
    page.goto(evil.as_uri())
    page.get_by_role("button").click()
    page.wait_for_url("**/rebuild")
    assert "this form is too old" in page.inner_text("main")
    assert len(site.services.queue.recent_hints(100)) == before
