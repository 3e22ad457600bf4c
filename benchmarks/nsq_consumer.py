"""A process that takes deliveries from NSQ and does nothing else with them: for benchmarks.nsq.

python -m benchmarks.nsq_consumer CONFIG
"""

import sys
import threading
from pathlib import Path

from leeroy import logs
from leeroy.config import load_config
from leeroy.services import make_services


def main() -> None:
    """Consume until killed."""
    config = load_config(Path(sys.argv[1]), {})
    logs.configure(secrets=config.secrets(), as_json=True)
    consumer = make_services(config).consumer
    if consumer is None:
        raise SystemExit("the settings name no nsqd")
    consumer.start()
    threading.Event().wait()


if __name__ == "__main__":
    main()
