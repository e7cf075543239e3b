"""What a run found, for people and for programs."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from api.chaos.judging import Findings
from api.chaos.killing import Victim

MOST_SHOWN: Final = 20
_WORDS: Final = {
    "lost": "orders lost though acknowledged",
    "lost_messages": "messages lost though acknowledged",
    "doubled": "orders doubled",
    "doubled_messages": "messages kept twice",
    "oversold": "oversold (article and location)",
    "wrong": "orders of wrong content or state",
    "uncalled": "orders not wanted, or refused",
    "unsettled": "messages not applied",
    "unanswered": "orders never acknowledged",
    "improper": "improper answers",
    "invariants": "broken invariants",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Report:
    """One run and its verdict. Durations are in seconds."""

    options: Mapping[str, Any]
    plant: str | None
    orders: int
    acknowledged_orders: int
    refused_orders: int
    messages: int
    repeated_messages: int
    reordered_orders: int
    attempts: int
    acknowledgements: int
    answers: Mapping[str, int]
    kills: Mapping[Victim, int]
    recovery_s: Mapping[Victim, Sequence[float]]
    sending_s: float
    findings: Findings

    @property
    def sound(self) -> bool:
        """Whether every promise was kept."""
        return not any(self.findings.counts().values())

    def document(self) -> dict[str, Any]:
        """The report as JSON."""
        return {
            "sound": self.sound,
            "plant": self.plant,
            "options": dict(self.options),
            "orders": self.orders,
            "acknowledged_orders": self.acknowledged_orders,
            "refused_orders": self.refused_orders,
            "messages": self.messages,
            "repeated_messages": self.repeated_messages,
            "reordered_orders": self.reordered_orders,
            "attempts": self.attempts,
            "acknowledgements": self.acknowledgements,
            "answers": dict(self.answers),
            "kills": {victim.value: count for victim, count in self.kills.items()},
            "recovery_s": {
                victim.value: {"p50": quantile(each, 0.5), "p95": quantile(each, 0.95)}
                for victim, each in self._recoveries()
            },
            "sending_s": round(self.sending_s, 1),
            "findings": dict(self.findings.counts()),
            "examples": {
                kind: getattr(self.findings, kind)[:MOST_SHOWN]
                for kind, count in self.findings.counts().items()
                if count
            },
        }

    def lines(self) -> Iterable[str]:
        """The report in words, line by line."""
        yield f"{'orders told':<40}{self.orders:>8,}"
        yield f"{'  acknowledged':<40}{self.acknowledged_orders:>8,}"
        yield f"{'  refused for want of stock':<40}{self.refused_orders:>8,}"
        yield f"{'  messages not in sequence':<40}{self.reordered_orders:>8,}"
        yield f"{'messages':<40}{self.messages:>8,}"
        yield f"{'  repeated though acknowledged':<40}{self.repeated_messages:>8,}"
        yield f"{'attempts':<40}{self.attempts:>8,}"
        for answer, count in sorted(self.answers.items()):
            yield f"{f'  answered {answer}' if answer.isdigit() else f'  {answer}':<40}{count:>8,}"
        yield f"{'kills':<40}{sum(self.kills.values()):>8,}"
        for victim, each in self._recoveries():
            median, worst = quantile(each, 0.5), quantile(each, 0.95)
            yield f"{f'  {victim.value}':<40}{self.kills.get(victim, 0):>8,}" + (
                f"   back after {median:.1f} s (p50), {worst:.1f} s (p95)" if each else ""
            )
        yield f"{'time of sending':<40}{self.sending_s:>8.0f} s"
        yield ""
        for kind, count in self.findings.counts().items():
            yield f"{_WORDS[kind]:<40}{count:>8,}"
            yield from (f"  {one}" for one in getattr(self.findings, kind)[:MOST_SHOWN])
        yield ""
        yield "Every promise was kept." if self.sound else "PROMISES WERE BROKEN."

    def _recoveries(self) -> Iterable[tuple[Victim, Sequence[float]]]:
        return ((victim, self.recovery_s.get(victim, ())) for victim in Victim)


def quantile(values: Sequence[float], share: float) -> float | None:
    """The value that this share of all does not exceed; None of nothing."""
    if not values:
        return None
    rank = max(0, -int(-share * len(values) // 1) - 1)
    return round(sorted(values)[rank], 2)
