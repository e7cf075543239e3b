"""Keep the tables that grow without end in shape."""

from temporalio import activity

from oms.db import transaction
from oms.outbox import live
from oms.pickup import signing
from oms.settings import settings
from oms.storage import archiving, maintaining
from oms.storage.kept import retention
from workflows.activities.work import unit_of_work


@activity.defn
def make_partitions() -> int:
    """Make the partitions that are missing, now and ahead; return how many.

    What open pages were told some days ago is forgotten on the way.
    """
    with transaction() as session:
        live.forget(session)
    return len([one for one in maintaining.maintain() if not one.put_off])


@activity.defn
def archive_what_is_old() -> int:
    """Move what is old enough into files, if there is a folder for them; return how many.

    Signatures are erased instead. Killed at any point, it is carried on with by the next.
    """
    with unit_of_work() as session:
        signing.erase_old(session)
    folder = settings().archive_folder
    if folder is None:
        return 0
    outcome = archiving.archive(folder, retention(settings()))
    return len(outcome.done)
