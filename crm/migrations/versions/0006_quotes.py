"""Written offers."""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

from crm.model import base as types

revision: str = "0006"
down_revision: str | Sequence[str] | None = "0013"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None


def upgrade() -> None:
    op.create_table(
        "quote",
        sa.Column("id", sa.String(length=36), nullable=False),
        sa.Column("number", sa.String(length=12), nullable=False),
        sa.Column("cause", sa.String(length=36), nullable=False),
        sa.Column("conversation_id", sa.String(length=36), nullable=True),
        sa.Column("contact_id", sa.String(length=36), nullable=False),
        sa.Column("company_id", sa.String(length=36), nullable=True),
        sa.Column("order_id", sa.String(length=36), nullable=True),
        sa.Column("status", sa.String(length=10), nullable=False),
        sa.Column("currency", sa.String(length=3), nullable=False),
        sa.Column("subtotal", types.Money(), nullable=False),
        sa.Column("delivery", types.Money(), nullable=False),
        sa.Column("vat_rate", types.Rate(), nullable=False),
        sa.Column("vat_included", types.Money(), nullable=False),
        sa.Column("total", types.Money(), nullable=False),
        sa.Column("name", sa.String(length=200), nullable=True),
        sa.Column("email", sa.String(length=254), nullable=True),
        sa.Column("company", sa.String(length=200), nullable=True),
        sa.Column("valid_until", sa.Date(), nullable=False),
        sa.Column("created_at", types.UtcDateTime(), nullable=False),
        sa.Column("closed_at", types.UtcDateTime(), nullable=True),
        sa.CheckConstraint("status IN ('open', 'accepted', 'withdrawn')", name=op.f("ck_quote_status")),
        sa.CheckConstraint("(status = 'accepted') = (order_id IS NOT NULL)", name=op.f("ck_quote_accepted")),
        sa.CheckConstraint(
            "subtotal >= 0 AND delivery >= 0 AND total = subtotal + delivery",
            name=op.f("ck_quote_total"),
        ),
        sa.ForeignKeyConstraint(
            ["conversation_id"],
            ["conversation.id"],
            name="fk_quote_conversation_id_conversation",
            ondelete="SET NULL",
        ),
        sa.ForeignKeyConstraint(["contact_id"], ["contact.id"], name="fk_quote_contact_id_contact"),
        sa.ForeignKeyConstraint(
            ["company_id"], ["company.id"], name="fk_quote_company_id_company", ondelete="SET NULL"
        ),
        sa.ForeignKeyConstraint(["order_id"], ["orders.id"], name="fk_quote_order_id_orders"),
        sa.PrimaryKeyConstraint("id", name="pk_quote"),
        sa.UniqueConstraint("number", name="uq_quote_number"),
        sa.UniqueConstraint("cause", name="uq_quote_cause"),
        sa.UniqueConstraint("order_id", name="uq_quote_order_id"),
    )
    op.create_index("ix_quote_conversation_id", "quote", ["conversation_id"])
    op.create_index("ix_quote_contact_id", "quote", ["contact_id"])
    op.create_index("ix_quote_company_id", "quote", ["company_id"])
    op.create_index("ix_quote_status_valid_until", "quote", ["status", "valid_until"])
    op.create_table(
        "quote_line",
        sa.Column("quote_id", sa.String(length=36), nullable=False),
        sa.Column("position", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("sku", sa.String(length=64), nullable=False),
        sa.Column("name", sa.String(length=200), nullable=False),
        sa.Column("quantity", sa.Integer(), nullable=False),
        sa.Column("list_price", types.Money(), nullable=False),
        sa.Column("unit_price", types.Money(), nullable=False),
        sa.Column("line_total", types.Money(), nullable=False),
        sa.CheckConstraint("quantity > 0", name=op.f("ck_quote_line_quantity")),
        sa.CheckConstraint("unit_price <= list_price", name=op.f("ck_quote_line_unit_price")),
        sa.CheckConstraint("line_total = unit_price * quantity", name=op.f("ck_quote_line_line_total")),
        sa.ForeignKeyConstraint(
            ["quote_id"], ["quote.id"], name="fk_quote_line_quote_id_quote", ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(["sku"], ["product.sku"], name="fk_quote_line_sku_product"),
        sa.PrimaryKeyConstraint("quote_id", "position", name="pk_quote_line"),
    )
    op.create_index("ix_quote_line_sku", "quote_line", ["sku"])


def downgrade() -> None:
    op.drop_table("quote_line")
    op.drop_table("quote")
