"""What a wallet's behaviour is, and what it is classed as: the stored portrait of a window."""

from oof.app.list_transactions import UNSEEN_HEAD
from oof.domain.units import Address
from oof.domain.windows import Window
from oof.ports.portraits import PortraitDetail, PortraitReader
from oof.ports.position_pages import PositionsHead


def read_portrait(reader: PortraitReader, wallet: Address, window: Window) -> PortraitDetail:
    """Return a window's portrait; an unseen wallet, or one that is new, has none yet."""
    found = reader.portrait(wallet, window)
    head = PositionsHead(wallet=UNSEEN_HEAD, folded_slot=None)
    return found or PortraitDetail(head, is_looking=False, stored=None)
