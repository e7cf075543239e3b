"""Ask over HTTP whether a part is well."""

import atexit
from functools import cache

import httpx2

PROBE_S = 1.0


def unanswered(url: str) -> str | None:
    """What keeps a page from being well; None when it answers 200."""
    try:
        answer = _prober().get(url)
    except httpx2.HTTPError as error:
        return f"{url} does not answer: {error}"
    if answer.status_code != httpx2.codes.OK:
        return f"{url} answers {answer.status_code}: {answer.text[:200]}"
    return None


@cache
def _prober() -> httpx2.Client:
    """One for all questions: each new client loads the machine's certificates, 50 ms of CPU."""
    # Nothing is kept open between two questions: parts come and go.
    limits = httpx2.Limits(max_keepalive_connections=0)
    client = httpx2.Client(timeout=PROBE_S, trust_env=False, limits=limits)
    atexit.register(client.close)
    return client
