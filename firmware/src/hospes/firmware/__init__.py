"""The wearable's link: frames and readings, the oracle's receiving side, and the device core run in this process.

It opens no port, reads no clock and keeps no file: bytes and times come in, bytes and readings go out.

Sources: firmware/SPEC.md.
"""
