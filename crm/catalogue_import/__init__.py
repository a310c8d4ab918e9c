"""An operator's own catalogue: a CSV or JSON Lines file in, checked row by row, all or nothing; and out again.

with Spool() as spool:
    notes = check_file(path, spool, mapping=…, currency="EUR", categories=…, attributes=…)
    report = await write(database, spool, withdraw_missing=True)
"""

from crm.catalogue_import.errors import CatalogueRefused, CatalogueUnreadable, Problem
from crm.catalogue_import.exporting import export
from crm.catalogue_import.mapping import FileMapping
from crm.catalogue_import.spool import Notes, Spool, check_file
from crm.catalogue_import.writing import write

__all__ = [
    "CatalogueRefused",
    "CatalogueUnreadable",
    "FileMapping",
    "Notes",
    "Problem",
    "Spool",
    "check_file",
    "export",
    "write",
]
