"""A small shop whose recommendations are recorded."""

from tests.integration.crm.conftest import shop, talk

__all__ = ["shop", "talk"]
