"""One module per command of the program; each defines `command`. Files, clock and printing belong here."""
