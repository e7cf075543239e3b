"""Every table of the system, imported in one place so that the metadata is whole."""

from sqlmodel import SQLModel

from oms.access import models as access
from oms.audit import models as audit
from oms.catalogue import models as catalogue
from oms.channels import models as channels
from oms.channels import poll_models as channel_polls
from oms.customers import models as customers
from oms.exceptions import models as exceptions
from oms.feeds import models as feeds
from oms.fulfilments import arrival_models as arrival_answers
from oms.fulfilments import box_models as boxes
from oms.fulfilments import manifest_models as manifests
from oms.fulfilments import models as fulfilments
from oms.fulfilments import outcome_models as outcomes
from oms.fulfilments import short_models as short_picks
from oms.imports import models as imports
from oms.inventory import bin_models as bins
from oms.inventory import checkout_models as checkout_holds
from oms.inventory import models as inventory
from oms.inventory import rule_models as stock_rules
from oms.inventory import supply_models as supplies
from oms.locations import models as locations
from oms.notifications import models as notifications
from oms.orders import models as orders
from oms.outbox import models as outbox
from oms.payments import card_models, credit_models
from oms.payments import models as payments
from oms.pickup import curbside_models as curbside
from oms.pickup import models as pickup
from oms.pickup import staging_models as staging
from oms.pickup import wave_models as waves
from oms.publishing import models as publishing
from oms.returns import models as returns
from oms.sourcing import models as sourcing
from oms.sourcing import run_models as routing_runs
from oms.storage import models as storage
from oms.transfers import models as transfers

__all__ = [
    "METADATA",
    "access",
    "arrival_answers",
    "audit",
    "bins",
    "boxes",
    "card_models",
    "catalogue",
    "channel_polls",
    "channels",
    "checkout_holds",
    "credit_models",
    "curbside",
    "customers",
    "exceptions",
    "feeds",
    "fulfilments",
    "imports",
    "inventory",
    "locations",
    "manifests",
    "notifications",
    "orders",
    "outbox",
    "outcomes",
    "payments",
    "pickup",
    "publishing",
    "returns",
    "routing_runs",
    "short_picks",
    "sourcing",
    "staging",
    "stock_rules",
    "storage",
    "supplies",
    "transfers",
    "waves",
]

METADATA = SQLModel.metadata
