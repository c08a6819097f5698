"""Charts of a sweep over the two levers: how many staff move down, and how large a community is.

table → lines (against staff, against size), plane (staff × size), shifts (how the best moves with demand).
"""
