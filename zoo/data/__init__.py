"""Pictures for training and judging: datasets, paired augmentation and batches."""
