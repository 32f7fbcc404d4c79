"""月度筛查: its pages, why somebody entitled has not claimed, and the lists to take away."""
