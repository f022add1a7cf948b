"""A strict local Zalo Bot server for tests: all that is known of the platform.

It is invented from descriptions of the platform's behaviour; where those disagree, ``Switches``
says which one to play.
"""

from tests.contract.zalo_stand_in.faults import Kind
from tests.contract.zalo_stand_in.ledger import Call, Sent
from tests.contract.zalo_stand_in.stand_in import ZaloStandIn
from tests.contract.zalo_stand_in.switches import Switches

__all__ = ["Call", "Kind", "Sent", "Switches", "ZaloStandIn"]
