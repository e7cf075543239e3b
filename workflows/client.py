"""One way to reach Temporal, for a development server, a cluster and Temporal Cloud alike."""

from temporalio.client import Client
from temporalio.envconfig import ClientConfig

from oms.errors import OmsError
from oms.settings import settings


class TemporalAway(OmsError):
    """The Temporal server does not answer."""

    code = "temporal_away"


async def connect() -> Client:
    """Connect as TEMPORAL_ADDRESS, TEMPORAL_NAMESPACE, TEMPORAL_API_KEY and TLS settings say.

    Raises `TemporalAway` when the server does not answer.
    """
    config = ClientConfig.load_client_connect_config()
    config.setdefault("target_host", settings().temporal_address)
    config.setdefault("namespace", settings().temporal_namespace)
    try:
        return await Client.connect(**config)
    except RuntimeError as error:
        raise TemporalAway(
            f"Temporal does not answer at {config['target_host']}",
            field="TEMPORAL_ADDRESS",
            remedy="start it, or set TEMPORAL_ADDRESS to where it is; `oms up` brings its own",
        ) from error
