"""A city's rooms of posts, pay, workshops, training and subsidies, on top of the demo city, and their pages timed.

The volumes are those of a city in one year: a month of attendance and pay for each holder of a post, a hundred classes,
six schemes screened for three months, 40,000 claims of every state, 60 batches of which one has 5,000 lines.
"""
