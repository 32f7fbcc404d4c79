"""The deadline day: officers at work against the real servers, with a fixed schedule that waits for nobody."""
