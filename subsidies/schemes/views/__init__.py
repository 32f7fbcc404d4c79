"""Pages of 补贴政策."""
