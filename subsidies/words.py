"""The three answers a clause can give, one letter each, as screenings keep them."""

MET, UNMET, MISSING = "m", "u", "x"
