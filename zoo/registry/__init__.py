"""Components by kind and name: what a recipe's names stand for."""
