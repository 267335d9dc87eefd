"""Oracle: takes the frames of wearables, judges them, and raises alerts to hospitals, of which f + 1 oracles are sure.

It opens no record and knows no name: a device, a journey, a gate and readings, for as long as the enrolment lasts.
"""
