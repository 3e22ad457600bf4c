"""Takes deliveries from NSQ: each message goes the way of a webhook, and is finished when on disk."""

import structlog

from leeroy.errors import Transient
from leeroy.metrics import Metrics
from leeroy.nsq.consumer import Handled
from leeroy.nsq.envelope import BadEnvelope
from leeroy.nsq.protocol import Message
from leeroy.worker.intake import Intake

log = structlog.get_logger()

#: A message at which we break so often is finished: nsqd would hand it out for ever.
MOST_ATTEMPTS = 5
#: Bytes of a message; longer ones are nobody's honest ones. GitHub's payloads have 25 MB at most.
LONGEST_MESSAGE = 32 * 1024 * 1024


class Handling:
    """What a consumer does with each message."""

    def __init__(self, intake: Intake, metrics: Metrics) -> None:
        self._intake = intake
        self._metrics = metrics

    def __call__(self, message: Message) -> Handled:
        """Take the delivery in a message; it is done when its hint is committed."""
        if message.is_too_long:
            self._metrics.envelopes.labels("too_long").inc()
            log.warning("refused what a queue brought", error="longer than any delivery")
            return Handled.DONE
        try:
            self._intake.take_message(message.body)
            return Handled.DONE
        except BadEnvelope:
            # Counted and said; to bring it again is of no use.
            return Handled.DONE
        except Transient as exc:
            log.warning("cannot be taken from nsqd now", error=str(exc))
        except Exception:
            log.exception("a message broke us", attempts=message.attempts)
            if message.attempts >= MOST_ATTEMPTS:
                self._metrics.envelopes.labels("defect").inc()
                return Handled.DONE
        self._metrics.nsq_requeued.inc()
        return Handled.NOT_NOW
