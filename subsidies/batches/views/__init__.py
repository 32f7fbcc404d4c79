"""Pages of 发放批次."""
