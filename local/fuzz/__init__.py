"""`make fuzz`: bodies spoiled in every way, and what must hold of them nevertheless."""
