"""时限: how long somebody has waited for a service that has a time limit. Computed from rows; nothing is stored here.

allowance.py says when a limit is over, table.py is the table of clocks, reading.py lists and counts them.
"""
