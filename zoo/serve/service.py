"""What the routes of a server share."""

from __future__ import annotations

from dataclasses import dataclass

from zoo.serve.engine import Engine
from zoo.serve.meters import Meters
from zoo.serve.served import Served
from zoo.serve.settings import Settings


@dataclass(frozen=True)
class Service:
    """All that the routes need."""

    served: Served
    settings: Settings
    engine: Engine
    meters: Meters
