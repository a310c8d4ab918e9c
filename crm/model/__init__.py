"""The CRM's tables. Importing this package knows them all, which foreign keys and migrations need."""

from crm.model.base import Base

__all__ = ["Base"]
