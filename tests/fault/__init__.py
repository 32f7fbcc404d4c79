"""Faults, played against the real processes: `make fault`. See docs/operating.md, section Faults."""
