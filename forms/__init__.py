"""What a form is: read it (grid), understand its layout (recognise), write figures into it (render)."""
