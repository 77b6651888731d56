"""The reporting desk: who works with it, what is asked of them, and what happens to what they report."""
