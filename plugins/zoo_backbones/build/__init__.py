"""Building the backbones of each library: a network of feature maps, and the pictures it wants."""
