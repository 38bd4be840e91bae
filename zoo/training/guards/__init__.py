"""Guard rails of a training: what usually goes wrong, told in a sentence when it does."""
