"""Looking at pictures before training: what a folder holds, what is wrong with it, and which recipe fits."""

# Pictures that an inspection decodes.
SAMPLE = 512
