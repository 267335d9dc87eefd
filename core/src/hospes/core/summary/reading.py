"""Reading: from the bytes of a FHIR document to a graded summary.

It refuses what is no patient summary at all (not JSON, no composition, no patient, a name twice in one object, beyond
the bounds) and accepts everything else, with findings. It does not fetch, translate or decide anything; who issued the
document, and whether that can be believed, is for others to check.
"""

from datetime import date

from hospes.core.summary.checks import check
from hospes.core.summary.document import Document
from hospes.core.summary.findings import Code, Ledger
from hospes.core.summary.heading import document_header, patient_header
from hospes.core.summary.model import Summary
from hospes.core.summary.reader import Reader
from hospes.core.summary.telling import tell_sections
from hospes.core.summary.tree import BYTE_ORDER_MARK, parse


def read(data: bytes, *, today: date | None = None) -> Summary:
    """Read a patient summary.

    Parameters
    ----------
    data : bytes
        A FHIR document bundle as JSON in UTF-8, at most 16 MiB.
    today : date or None
        The reader's date, by which something may lie in the future; None leaves that unjudged.

    Returns
    -------
    Summary
        With every fact, and with findings where the document is imperfect.

    Raises
    ------
    TooLargeError
        Beyond the bounds on size, depth, values, entries or repetition.
    MalformedError
        Not JSON, a name twice in one object, no composition, or no patient. It says where, and holds no patient data.
    """
    ledger = Ledger()
    if data.startswith(BYTE_ORDER_MARK):
        ledger.add(Code.BYTE_ORDER_MARK, "")
    reader = Reader(Document(parse(data), ledger), ledger)
    sections = tell_sections(reader, ledger)
    check(reader, sections, ledger, today)
    return Summary(
        data=data,
        document=reader.document.bundle,
        patient=patient_header(reader),
        header=document_header(reader),
        sections=sections,
        findings=ledger.close(),
    )
