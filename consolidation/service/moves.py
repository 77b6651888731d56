"""People who move within the county, as the web calls these use cases."""

from consolidation.desk.moves import Move, MoveState, confirm, dispute, let_stand, moves, seen, take_back
from consolidation.desk.roster_arrivals import UNKNOWN, Arrival, Origin, origins

__all__ = [
    "UNKNOWN", "Arrival", "Move", "MoveState", "Origin", "confirm", "dispute", "let_stand", "moves", "origins", "seen",
    "take_back",
]  # fmt: skip
