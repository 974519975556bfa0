"""Vertigo, pools that open as a bonding curve.

https://github.com/JulienCouzinie/Grafolana (`config/dex_programs/swap_programs.py`).
"""

from typing import Final

from oof.domain.transactions.programs.program import Program, Role

PROGRAMS: Final = (Program("vrTGoBuy5rYSxAfV3jaRJWHH6nN9WK4NRExGxsk1bCJ", "vertigo", Role.POOL),)
