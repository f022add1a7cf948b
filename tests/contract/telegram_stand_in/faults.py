"""Faults that a test orders: what goes wrong between the bot and Telegram."""

from __future__ import annotations

from collections import defaultdict, deque
from dataclasses import dataclass
from typing import Literal, get_args

from tests.contract.telegram_stand_in.errors import (
    ApiError,
    Json,
    bad_request,
    forbidden,
    too_many_requests,
)

FaultKind = Literal["400", "401", "403", "429", "500", "502", "hang", "drop", "malformed"]
ANY = "*"
GATEWAY_PAGE = (
    "<html>\r\n<head><title>502 Bad Gateway</title></head>\r\n<body>\r\n"
    "<center><h1>502 Bad Gateway</h1></center>\r\n</body>\r\n</html>\r\n"
)


@dataclass
class Fault:
    """One kind of failure for ``times`` calls (None: until healed).

    ``taken`` True: the call takes effect and only its answer fails, so that the bot cannot know.
    ``chat_id`` limits it to calls for that chat.
    """

    kind: FaultKind
    times: int | None = 1
    retry_after: int = 1
    description: str = ""
    taken: bool = False
    chat_id: int | None = None

    def __post_init__(self) -> None:
        if self.kind not in get_args(FaultKind):
            raise ValueError(f"no such fault: {self.kind}; there are {get_args(FaultKind)}")

    def error(self) -> ApiError | None:
        """The refusal in the API's own form; None for faults that have no such form."""
        words = self.description
        match self.kind:
            case "400":
                return bad_request(words or "wrong parameter in the request")
            case "401":
                return ApiError(401, "Unauthorized")
            case "403":
                return forbidden(words or "bot was blocked by the user")
            case "429":
                return too_many_requests(self.retry_after)
            case "500":
                return ApiError(500, words or "Internal Server Error")
        return None


class FaultPlan:
    """The faults still to come, for each method in the order they were asked for."""

    def __init__(self) -> None:
        self._planned: dict[str, deque[Fault]] = defaultdict(deque)

    def add(self, method: str, fault: Fault) -> None:
        """Let the next calls of ``method`` fail; ``*`` means any method."""
        self._planned[method.lower()].append(fault)

    def heal(self) -> None:
        """From now on nothing fails."""
        self._planned.clear()

    def take(self, method: str, chat: str) -> Fault | None:
        """The fault for this call, if one is planned."""
        if not self._planned:
            return None
        for planned in (self._planned.get(method), self._planned.get(ANY)):
            for fault in planned or ():
                if fault.chat_id is not None and str(fault.chat_id) != chat:
                    continue
                if fault.times is not None:
                    fault.times -= 1
                    if fault.times <= 0:
                        assert planned is not None
                        planned.remove(fault)
                return fault
        return None

    def left(self) -> Json:
        """How many faults are still planned, for each method."""
        return {method: len(planned) for method, planned in self._planned.items() if planned}
