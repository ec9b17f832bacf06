"""From one text source a lesson to its editions, and how they are run."""
