"""The demonstration: real names of places, invented people, and the figures of 2023-03 to the person.

people.py invents families, working.py their work, city.py holds the numbers to reach, load.py writes them all.
"""
