"""What Leeroy counts and measures, for ``/metrics``.

https://prometheus.github.io/client_python/
"""

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram

#: Seconds; a healthy call takes 10 to 300 ms, and no call may take longer than its timeout.
_CALL_BUCKETS = (0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0)


class Metrics:
    """All collectors of one process; made once and handed to whoever counts.

    A call is named by its method and the template of its path, so that there are few of them.
    Its outcome is the answer's status, or ``timeout`` or ``unreachable`` when there was none.
    """

    def __init__(self, registry: CollectorRegistry) -> None:
        self.registry = registry
        self.unconfigured = Counter(
            "leeroy_unconfigured_deliveries_total",
            "Deliveries of repositories that the settings do not have; `leeroy doctor` names them",
            registry=registry,
        )
        self.wrong_passwords = Counter(
            "leeroy_wrong_passwords_total",
            "Requests with a wrong user or password, and those not tried because of them",
            ("outcome",),
            registry=registry,
        )
        self.github_calls = Counter(
            "leeroy_github_calls_total",
            "Requests sent to GitHub; 304 costs no quota",
            ("call", "outcome"),
            registry=registry,
        )
        self.github_seconds = Histogram(
            "leeroy_github_call_seconds",
            "How long GitHub takes to answer",
            ("call",),
            buckets=_CALL_BUCKETS,
            registry=registry,
        )
        self.github_held = Counter(
            "leeroy_github_held_calls_total",
            "Calls not sent because a limit of GitHub is reached",
            ("limit",),
            registry=registry,
        )
        self.github_limit = Gauge(
            "leeroy_github_rate_limit",
            "Requests an hour that GitHub allows the token (named by a digest)",
            ("token", "resource"),
            registry=registry,
        )
        self.github_remaining = Gauge(
            "leeroy_github_rate_remaining",
            "Requests the token has left until the reset",
            ("token", "resource"),
            registry=registry,
        )
        self.github_reset = Gauge(
            "leeroy_github_rate_reset_timestamp_seconds",
            "When the token's requests are counted from zero again",
            ("token", "resource"),
            registry=registry,
        )
        self.jenkins_calls = Counter(
            "leeroy_jenkins_calls_total",
            "Requests sent to Jenkins",
            ("server", "call", "outcome"),
            registry=registry,
        )
        self.jenkins_seconds = Histogram(
            "leeroy_jenkins_call_seconds",
            "How long Jenkins takes to answer",
            ("server", "call"),
            buckets=_CALL_BUCKETS,
            registry=registry,
        )
        self.queue_depth = Gauge(
            "leeroy_queue_depth",
            "Subjects that are due and wait for a worker",
            registry=registry,
        )
        self.queue_age = Gauge(
            "leeroy_queue_oldest_due_seconds",
            "How long the subject that waits longest has been due",
            registry=registry,
        )
        self.nsq_published = Counter(
            "leeroy_nsq_published_total",
            "Deliveries handed on by NSQ: whole, without_body (too long), or lost",
            ("outcome",),
            registry=registry,
        )
        self.nsq_outbox = Gauge(
            "leeroy_nsq_outbox",
            "Deliveries that are still to be published",
            registry=registry,
        )
        self.nsq_outbox_age = Gauge(
            "leeroy_nsq_outbox_oldest_seconds",
            "How long the oldest of them has waited",
            registry=registry,
        )
        self.envelopes = Counter(
            "leeroy_envelopes_total",
            "Deliveries taken from queues: queued, of_no_interest, or refused and why",
            ("outcome",),
            registry=registry,
        )
        self.nsq_requeued = Counter(
            "leeroy_nsq_requeued_total",
            "Messages given back because they could not be dealt with now",
            registry=registry,
        )
        self.nsq_subscribed = Gauge(
            "leeroy_nsq_subscribed",
            "nsqds that this process takes messages from",
            registry=registry,
        )
        self.sweeps = Counter(
            "leeroy_sweeps_total",
            "Sweeps by whether they could look at everything: whole or failed",
            ("outcome",),
            registry=registry,
        )
        self.sweep_found = Counter(
            "leeroy_sweep_found_total",
            "What sweeps had looked at again, and why",
            ("why",),
            registry=registry,
        )
        self.sweep_left = Gauge(
            "leeroy_sweep_left_builds",
            "Builds that are missing and that the last sweep did not ask for: later or reported",
            ("outcome",),
            registry=registry,
        )
