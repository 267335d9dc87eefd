"""Where summaries that others made are found; they are not part of this repository."""

import os
from pathlib import Path
from typing import Final

import pytest

_REPOSITORY: Final = Path(__file__).parents[3]
SHARED: Final = Path(os.environ.get("HOSPES_SHARED_DATA", _REPOSITORY.parent / "shared" / "data")) / "ips"
"""Four documents of the standard and 18 of vendors: set HOSPES_SHARED_DATA to the folder that holds `ips`."""
TRAVELLER: Final = _REPOSITORY / "app" / "src" / "hospes" / "app" / "records" / "traveller.json"

STANDARD: Final = (
    "Bundle-IPS-examples-Bundle-01",
    "Bundle-IPS-examples-Bundle-with-immunization",
    "Bundle-bundle-minimal",
    "Bundle-bundle-no-info-required-sections",
)
VENDORS: Final = (
    "AT-elga2",
    "Bundle-NZPSNoClinicalInfoBundle",
    "Bundle-aups-basicsummary",
    "CA-IPS-Bundle1Example",
    "CA_VeroSource_colorful_balloon",
    "CY_194315",
    "CY_249867",
    "DE_no_info_with_Advance_Directive",
    "DK_Jens_Villadsen_02",
    "HK_IPS_Sample2",
    "NL_Drimpy_01",
    "NL_core_patient_01",
    "TW_Li-Hui_Lee_01-modified",
    "UK_NHSx_IPS_Example_02-modified",
    "US_Epic_Connectathon_Sept",
    "US_MEDITECH_ips_2",
    "US_Washington_May_2024",
    "full_ips",
)


def shared(name: str) -> bytes:
    """Return one shared summary, or skip the test by the summary's name."""
    path = SHARED / f"{name}.json" if name in STANDARD else SHARED / "vendors" / f"{name}.json"
    if not path.is_file():
        pytest.skip(f"the shared summary {name} is not on this machine (HOSPES_SHARED_DATA)")
    return path.read_bytes()
