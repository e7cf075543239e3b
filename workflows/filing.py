"""A closed manifest is filed with its carrier, where that wants one."""

from temporalio import workflow

with workflow.unsafe.imports_passed_through():
    from workflows.activities import filing
    from workflows.messages import Subject

from workflows.following import Act, Follower
from workflows.queues import CARRIER, LABEL_CALL

_ACTS = {
    "file_manifest": Act(
        filing.file_manifest, "Tell the carrier what it takes", CARRIER, True, LABEL_CALL
    ),
}


@workflow.defn
class FileManifest(Follower):
    """See that a carrier has the list of what it takes."""

    @workflow.run
    async def run(self, subject: Subject) -> str:
        """File it; return whether the carrier wanted it."""
        return await self.follow(subject, load=filing.view_manifest, acts=_ACTS)
