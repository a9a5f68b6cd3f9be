"""What falls due: the worker and its tasks."""
