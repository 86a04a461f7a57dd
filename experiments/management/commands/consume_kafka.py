"""Take events from Kafka."""

from __future__ import annotations

import signal
import threading
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser


class Command(BaseCommand):
    """Take events from a Kafka topic until it is told to stop; several share the topic's partitions."""

    help = "Take events from a Kafka topic, as POST /api/v1/events takes them."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--servers", default=settings.KAFKA_SERVERS, help="by default KAFKA_SERVERS")
        parser.add_argument("--topic", default=settings.KAFKA_TOPIC, help="by default KAFKA_TOPIC")
        parser.add_argument("--group", default=settings.KAFKA_GROUP, help="by default KAFKA_GROUP")

    def handle(self, *args: Any, **options: Any) -> None:
        if not options["servers"]:
            raise CommandError("Set KAFKA_SERVERS, such as broker-1:9092,broker-2:9092, or pass --servers.")
        try:
            from experiments.events import kafka  # noqa: PLC0415 - its library is an extra
        except ModuleNotFoundError as error:
            raise CommandError('Kafka needs a library: pip install "novarium[kafka]".') from error
        from confluent_kafka import KafkaException  # noqa: PLC0415

        stopped = threading.Event()
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, lambda *_signal: stopped.set())
        source = kafka.KafkaSettings(
            servers=options["servers"],
            topic=options["topic"],
            group=options["group"],
            properties=settings.KAFKA_PROPERTIES,
        )
        try:
            total = kafka.consume(kafka.connect(source), stop=stopped.is_set)
        except KafkaException as error:
            raise CommandError(f"Kafka cannot be read: {error}") from error
        counts = ", ".join(f"{total[name]:,} {name}" for name in ("messages", "stored", "duplicate", "rejected"))
        self.stdout.write(f"Stopped after {counts}.")
