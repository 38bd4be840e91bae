"""What is minimised: adversarial objectives, penalties, and losses between a fake and its target."""
