"""The assistant. `components` and `channels` run inside Rasa; everything else runs in the application."""
