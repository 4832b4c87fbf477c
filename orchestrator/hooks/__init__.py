"""All that git calls (`entry`, `judging`, `merge_driver`), and what puts it there (`install`)."""
