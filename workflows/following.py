"""The loop that every long-lived workflow shares: read the row, show it, do what is owed, wait."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from temporalio import workflow
from temporalio.common import (
    RetryPolicy,
    SearchAttributeKey,
    SearchAttributePair,
    TypedSearchAttributes,
)
from temporalio.exceptions import ActivityError, ApplicationError

with workflow.unsafe.imports_passed_through():
    from workflows.activities import attention
    from workflows.messages import Failure, News, Step, Subject, View
    from workflows.queues import CORE, DATABASE_CALL, DATABASE_RETRY, HTTP_CALL, HTTP_RETRY

_KEYWORDS = ("OmsOrderId", "OmsStage", "OmsKind", "OmsChannel", "OmsLocation", "OmsExternalRef")
_ATTENTION = SearchAttributeKey.for_keyword("OmsAttention")
_PROMISE_BY = SearchAttributeKey.for_datetime("OmsPromiseBy")
_NEXT_DEADLINE = SearchAttributeKey.for_datetime("OmsNextDeadline")
_LOOK_AGAIN = timedelta(hours=6)


@dataclass(frozen=True)
class Act:
    """An activity that carries a step out, and where it runs."""

    run: Callable[[Step], Any]
    summary: str
    queue: str = CORE
    outside: bool = False
    """Whether it calls somebody else's system, which may fail for long."""
    takes: timedelta = HTTP_CALL
    """How long a call to the outside may take before it is tried again."""
    patience: RetryPolicy | None = None
    """How long a system of others is tried, where that is not as usual."""


class Follower:
    """Follows one row to its end. The row is the truth; this only waits and reminds.

    It may be terminated and started again at any moment: it reads the row and carries on.
    """

    def __init__(self) -> None:
        self._news = ""
        self._shown: tuple[str, str] | None = None
        self._attention = ""

    @workflow.signal
    def changed(self, news: News) -> None:
        """Something has happened to the row; look at it again."""
        self._news = news.event

    @workflow.update
    async def retry_step(self) -> str:
        """Try again now whatever waits for a person or for time."""
        self._news = "retry asked by an operator"
        return self._attention or "nothing was stuck; looked again"

    async def follow(
        self, subject: Subject, *, load: Callable[[Subject], View], acts: Mapping[str, Act]
    ) -> str:
        """See the row through and return the stage in which it closed."""
        while True:
            self._news = ""
            view = await workflow.execute_local_activity(
                load,
                Subject(subject.id, at=workflow.now()),
                start_to_close_timeout=DATABASE_CALL,
                retry_policy=DATABASE_RETRY,
            )
            self._show(view)
            step = view.owed[0] if view.owed else ""
            if not step and view.closed:
                return view.stage
            if not step and not await self._wait(view.deadline):
                step = view.at_deadline
            if step and not await self._do(acts[step], step, subject, view):
                await self._wait(workflow.now() + _LOOK_AGAIN)
            if workflow.info().is_continue_as_new_suggested():
                workflow.continue_as_new(subject)

    async def _do(self, act: Act, name: str, subject: Subject, view: View) -> bool:
        """Carry a step out; if it cannot be, open a case for a person and say False."""
        step = Step(subject.id, version=view.version, at=workflow.now())
        try:
            await workflow.execute_activity(
                act.run,
                step,
                task_queue=act.queue,
                summary=act.summary,
                start_to_close_timeout=act.takes if act.outside else DATABASE_CALL,
                retry_policy=act.patience or (HTTP_RETRY if act.outside else DATABASE_RETRY),
            )
        except ActivityError as error:
            code, message = cause_of(error)
            if code == "stale_version":
                return True  # the row has moved on; the loop reads it again
            await self._ask_for_help(Failure(subject.id, name, code, message))
            return False
        self._attention = ""
        return True

    async def _ask_for_help(self, failure: Failure) -> None:
        self._attention = f"{failure.step}: {failure.message}"
        workflow.upsert_search_attributes([_ATTENTION.value_set(failure.code)])
        await workflow.execute_activity(
            attention.ask_for_help,
            failure,
            summary=f"Open a case: {failure.step} failed",
            start_to_close_timeout=DATABASE_CALL,
            retry_policy=DATABASE_RETRY,
        )
        workflow.set_current_details(
            f"**Needs a person**: {failure.step} failed with `{failure.code}`:"
            f" {failure.message}\n\nMend the cause, then send the update `retry_step`."
        )
        self._shown = None

    async def _wait(self, deadline: Any) -> bool:
        """Wait for news until the deadline; False when it passed without any."""
        timeout = None if deadline is None else max(deadline - workflow.now(), timedelta(0))
        try:
            await workflow.wait_condition(lambda: self._news != "", timeout=timeout)
        except TimeoutError:
            return False
        return True

    def _show(self, view: View) -> None:
        """Bring what operators see up to date, when the stage or the details have changed."""
        if self._shown == (view.stage, view.details):
            return
        self._shown = (view.stage, view.details)
        workflow.set_current_details(view.details)
        workflow.upsert_search_attributes([*_pairs(view), _ATTENTION.value_unset()])


def initial_attributes(view: View) -> TypedSearchAttributes:
    """The search attributes that a workflow is started with."""
    return TypedSearchAttributes(
        [
            SearchAttributePair(SearchAttributeKey.for_keyword(name), view.attributes[name])
            for name in _KEYWORDS
            if view.attributes.get(name)
        ]
    )


def _pairs(view: View) -> list[Any]:
    updates: list[Any] = [
        SearchAttributeKey.for_keyword(name).value_set(value)
        for name in _KEYWORDS
        if (value := view.attributes.get(name))
    ]
    if view.promise_by is not None:
        updates.append(_PROMISE_BY.value_set(view.promise_by))
    if view.deadline is not None:
        updates.append(_NEXT_DEADLINE.value_set(view.deadline))
    else:
        updates.append(_NEXT_DEADLINE.value_unset())
    return updates


def cause_of(error: ActivityError) -> tuple[str, str]:
    """The code and the words of what made an activity fail for good."""
    cause = error.cause
    if isinstance(cause, ApplicationError):
        return cause.type or "failed", cause.message
    return "failed", str(cause or error)
