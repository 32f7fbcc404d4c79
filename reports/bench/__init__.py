"""Speed as ratios of one run: what we take, the least anybody could take (floor), and a stock library (peer).

steps.py names what is measured, floors.py and peers.py what it is measured against, workbook.py makes the input.
"""
