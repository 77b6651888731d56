"""Pages and, later, the JSON API, the chat gateway and the action webhook; one module per audience. Nothing imports this."""
