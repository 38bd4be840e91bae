"""What is different in a notebook: pictures and progress are shown in place, and only errors are red."""
