"""One way to reach Temporal, for a development server, a cluster and Temporal Cloud alike."""

from temporalio.client import Client
from temporalio.envconfig import ClientConfig

from oms.settings import settings


async def connect() -> Client:
    """Connect as TEMPORAL_ADDRESS, TEMPORAL_NAMESPACE, TEMPORAL_API_KEY and TLS settings say.

    Raises `RuntimeError` when the server does not answer.
    """
    config = ClientConfig.load_client_connect_config()
    config.setdefault("target_host", settings().temporal_address)
    config.setdefault("namespace", settings().temporal_namespace)
    return await Client.connect(**config)
