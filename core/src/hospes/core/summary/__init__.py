"""Patient summaries."""
