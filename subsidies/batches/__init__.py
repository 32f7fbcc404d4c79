"""发放批次: claims paid together, from the list to the bank's answer, and what does not add up."""
