"""What TensorFlow Serving needs beside a network: pictures decoded and tiled in the graph, warm-up, config files."""
