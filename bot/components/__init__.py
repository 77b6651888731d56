"""Rasa components: with `channels`, the only code that runs inside Rasa and may import it (Python 3.10)."""
