"""What is stored about whoever is in a conversation: told, given as a copy, erased.

A conversation proves what was said in it and the contact it made. An order's number with its e-mail address proves
that order's contact (`orders.proven`), which callers then pass as `contact_id`.
"""

from crm.services.privacy.erasing import Erased, erase
from crm.services.privacy.exporting import export, note_export
from crm.services.privacy.overview import Stored, overview

__all__ = ["Erased", "Stored", "erase", "export", "note_export", "overview"]
