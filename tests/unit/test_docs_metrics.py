"""docs/metrics.md tells of every metric there is, and of no other."""

import re
from pathlib import Path

from prometheus_client import CollectorRegistry, generate_latest
from prometheus_client.metrics import MetricWrapperBase

from leeroy.metrics import Metrics

DOCUMENT = (Path(__file__).resolve().parents[2] / "docs" / "metrics.md").read_text("utf-8")
ROW = re.compile(r"^\| `(leeroy_\w+)` \| (\w+) \|(.*?)\| .+ \|$", re.MULTILINE)


def collectors() -> dict[str, tuple[str, tuple[str, ...]]]:
    """Each metric's name as it is scraped, with its type and labels."""
    metrics = Metrics(CollectorRegistry())
    found = {}
    for value in vars(metrics).values():
        if isinstance(value, MetricWrapperBase):
            (family,) = value.describe()
            name = f"{family.name}_total" if family.type == "counter" else family.name
            found[name] = (family.type, tuple(value._labelnames))
    return found


def test_every_metric_is_documented_with_its_type_and_labels():
    told = {
        name: (kind, tuple(re.findall(r"`(\w+)`", labels)))
        for name, kind, labels in ROW.findall(DOCUMENT)
    }
    assert told == collectors()


def test_alerts_are_about_metrics_that_there_are():
    rules = DOCUMENT.partition("```yaml")[2].partition("```")[0]
    scraped = generate_latest(Metrics(CollectorRegistry()).registry).decode()
    for name in set(re.findall(r"leeroy_\w+", rules)):
        assert f"# TYPE {name} " in scraped
