"""What the forms mean: which fields are one fact, what follows from what, and with which figures they are filled."""
