"""What the routes of a server share."""

from __future__ import annotations

from dataclasses import dataclass

from zoo_web.service.engine import Engine
from zoo_web.service.metrics import Metrics
from zoo_web.service.served import Served
from zoo_web.service.settings import Settings


@dataclass(frozen=True)
class Service:
    """All that the routes need."""

    served: Served
    settings: Settings
    engine: Engine
    metrics: Metrics
