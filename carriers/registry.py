"""The carriers of this installation, by code."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from importlib.metadata import entry_points
from typing import Final, Protocol

from carriers.base import Carrier, CarrierError, utc_now
from carriers.manual.carrier import ManualCarrier, ManualConfig
from carriers.simulated.carrier import SimulatedCarrier
from carriers.simulated.config import SimulatedConfig

ENTRY_POINTS: Final = "tributary.carriers"
"""Entry point group in which an installed package offers a `CarrierFactory`."""


class CarrierFactory(Protocol):
    """Makes a third-party carrier from its options."""

    def __call__(
        self, options: Mapping[str, str], *, production: bool, clock: Callable[[], datetime]
    ) -> Carrier:
        """The carrier, ready for use; raises `ValueError` for options it cannot work with."""


@dataclass(frozen=True, slots=True, kw_only=True)
class CarriersConfig:
    """Which carriers there are.

    `plugins` maps the entry point's name to that carrier's options; only those named are loaded.
    """

    production: bool
    simulated: SimulatedConfig | None = None
    manual: tuple[ManualConfig, ...] = ()
    plugins: Mapping[str, Mapping[str, str]] = field(default_factory=dict)


class UnknownCarrier(CarrierError):
    """No carrier has this code here; `known` lists those that there are."""

    code = "unknown_carrier"

    def __init__(self, wanted: str, *, known: tuple[str, ...]) -> None:
        super().__init__(f"no carrier {wanted!r}; there are: {', '.join(known) or 'none'}")
        self.known = known


class Registry:
    """Carriers by code. Raises `ValueError` when two share one."""

    def __init__(self, carriers: Iterable[Carrier]) -> None:
        self._carriers: dict[str, Carrier] = {}
        for carrier in carriers:
            if carrier.code in self._carriers:
                raise ValueError(f"two carriers have the code {carrier.code!r}")
            self._carriers[carrier.code] = carrier

    @property
    def codes(self) -> tuple[str, ...]:
        """All codes, sorted."""
        return tuple(sorted(self._carriers))

    def get(self, code: str) -> Carrier:
        """The carrier with a code. Raises `UnknownCarrier`, which names those there are."""
        if code not in self._carriers:
            raise UnknownCarrier(code, known=self.codes)
        return self._carriers[code]


def build_registry(
    config: CarriersConfig,
    *,
    others: Iterable[Carrier] = (),
    clock: Callable[[], datetime] = utc_now,
) -> Registry:
    """Make every configured carrier and add those that are made already.

    Raises `ValueError` for a configuration that cannot be.
    """
    carriers: list[Carrier] = [*(ManualCarrier(manual) for manual in config.manual), *others]
    if config.simulated:
        carriers.append(
            SimulatedCarrier(config.simulated, production=config.production, clock=clock)
        )
    for name, options in config.plugins.items():
        factory = _installed_factory(name)
        carriers.append(factory(options, production=config.production, clock=clock))
    return Registry(carriers)


def _installed_factory(name: str) -> CarrierFactory:
    installed = entry_points(group=ENTRY_POINTS)
    if name not in installed.names:
        offered = ", ".join(sorted(installed.names)) or "none"
        raise ValueError(f"no installed package offers a carrier {name!r}; offered: {offered}")
    factory: CarrierFactory = installed[name].load()
    return factory
