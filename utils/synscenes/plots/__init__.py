"""Drawing, apart from computing: each function takes results and returns a matplotlib figure."""
