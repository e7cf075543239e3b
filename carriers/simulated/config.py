"""How the simulated carrier is set up."""

from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path


@dataclass(frozen=True, slots=True, kw_only=True)
class SimulatedConfig:
    """Settings of one simulated carrier.

    `seed` decides tracking numbers; `webhook_secrets` sign pushed scans, two of them during a
    rotation. `speed` is how many hours of a parcel's life pass in one real hour: 4320 delivers
    a three-day parcel within a minute. `ledger` is a file that remembers sales across restarts
    and between processes; without it each process remembers its own. The shares, each from 0 to
    1, say how many parcels are delivered at the second try, lost, or sent back.
    """

    seed: str
    code: str = "simulated"
    name: str = "Simulated Carrier"
    currency: str = "USD"
    webhook_secrets: tuple[str, ...] = ()
    speed: float = 1.0
    ledger: Path | None = None
    tracking_url: str = "https://carrier.example/track/{tracking_number}"
    void_takes: timedelta = timedelta(0)
    failed_share: float = 0.0
    lost_share: float = 0.0
    returned_share: float = 0.0

    def __post_init__(self) -> None:
        shares = (self.failed_share, self.lost_share, self.returned_share)
        if any(share < 0 for share in shares) or sum(shares) > 1:
            raise ValueError(f"shares {shares} must not be negative or exceed 1 together")
        if self.speed <= 0:
            raise ValueError(f"speed {self.speed} must be above 0")
        if not self.seed:
            raise ValueError("seed is empty; any text will do")
        if "" in self.webhook_secrets:
            raise ValueError("a webhook secret is empty; anybody could sign with it")
