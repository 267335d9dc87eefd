"""Building: from the readable sources (`terms/`, `patterns.toml`, `languages.toml`) to the packs.

Only `tools/build_translator.py` and tests use it; a running translator reads packs alone.
"""
