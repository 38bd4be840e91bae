"""What is trained: networks, losses and the order of updates."""
