"""Why a step was refused. Views answer them with 404, 403, 409 and a form with messages."""

from __future__ import annotations

from collections.abc import Mapping

from django.core.exceptions import PermissionDenied
from django.http import Http404


class NotVisible(Http404):
    """For this person the case does not exist."""


class Forbidden(PermissionDenied):
    """The person sees the case but may not take this step."""


class FourEyes(Forbidden):
    """The step must be taken by somebody else than the one who took an earlier step."""


class WrongState(Exception):
    """The case is not, or no longer, where this step starts."""

    def __init__(self, state: str, name: str) -> None:
        super().__init__("办理状态已变化，当前不能执行此操作，请刷新后再试")
        self.state, self.name = state, name


class NotYet(WrongState):
    """Something else must happen first; `why` says what."""

    def __init__(self, state: str, name: str, why: str) -> None:
        super().__init__(state, name)
        self.args = (why,)


class MissingFields(Exception):
    """Required fields are empty; `fields` gives a message for each."""

    def __init__(self, fields: Mapping[str, str]) -> None:
        super().__init__("；".join(f"{name}：{message}" for name, message in fields.items()))
        self.fields = dict(fields)
