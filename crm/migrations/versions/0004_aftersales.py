"""What becomes of an order: changes, returns, refunds and invoices."""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

from crm.model import base as types

revision: str = "0004"
down_revision: str | Sequence[str] | None = "0007"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None


def upgrade() -> None:
    op.create_table(
        "invoice",
        sa.Column("id", sa.String(length=36), nullable=False),
        sa.Column("number", sa.String(length=20), nullable=False),
        sa.Column("year", sa.Integer(), nullable=False),
        sa.Column("sequence", sa.Integer(), nullable=False),
        sa.Column("order_id", sa.String(length=36), nullable=False),
        sa.Column("conversation_id", sa.String(length=36), nullable=True),
        sa.Column("replaces", sa.String(length=20), nullable=True),
        sa.Column("company", sa.String(length=200), nullable=True),
        sa.Column("vat_id", sa.String(length=20), nullable=True),
        sa.Column("content", types.Json, nullable=False),
        sa.Column("issued_at", types.UtcDateTime(), nullable=False),
        sa.ForeignKeyConstraint(
            ["conversation_id"],
            ["conversation.id"],
            name=op.f("fk_invoice_conversation_id_conversation"),
            ondelete="SET NULL",
        ),
        sa.ForeignKeyConstraint(
            ["order_id"], ["orders.id"], name=op.f("fk_invoice_order_id_orders"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_invoice")),
        sa.UniqueConstraint("number", name=op.f("uq_invoice_number")),
        sa.UniqueConstraint("year", "sequence", name=op.f("uq_invoice_year_sequence")),
    )
    op.create_index(op.f("ix_invoice_conversation_id"), "invoice", ["conversation_id"], unique=False)
    op.create_index(op.f("ix_invoice_order_id"), "invoice", ["order_id"], unique=False)
    op.create_table(
        "order_change",
        sa.Column("id", sa.String(length=36), nullable=False),
        sa.Column("order_id", sa.String(length=36), nullable=False),
        sa.Column("cause", sa.String(length=36), nullable=False),
        sa.Column("conversation_id", sa.String(length=36), nullable=True),
        sa.Column("kind", sa.String(length=10), nullable=False),
        sa.Column("data", types.Json, nullable=True),
        sa.Column("total_before", types.Money(precision=12, scale=2), nullable=False),
        sa.Column("total_after", types.Money(precision=12, scale=2), nullable=False),
        sa.Column("at", types.UtcDateTime(), nullable=False),
        sa.CheckConstraint(
            "kind IN ('address', 'quantity', 'added', 'removed')", name=op.f("ck_order_change_kind")
        ),
        sa.ForeignKeyConstraint(
            ["conversation_id"],
            ["conversation.id"],
            name=op.f("fk_order_change_conversation_id_conversation"),
            ondelete="SET NULL",
        ),
        sa.ForeignKeyConstraint(
            ["order_id"], ["orders.id"], name=op.f("fk_order_change_order_id_orders"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_order_change")),
        sa.UniqueConstraint("cause", name=op.f("uq_order_change_cause")),
    )
    op.create_index(
        op.f("ix_order_change_conversation_id"), "order_change", ["conversation_id"], unique=False
    )
    op.create_index(op.f("ix_order_change_order_id"), "order_change", ["order_id"], unique=False)
    op.create_table(
        "return_request",
        sa.Column("id", sa.String(length=36), nullable=False),
        sa.Column("number", sa.String(length=12), nullable=False),
        sa.Column("cause", sa.String(length=60), nullable=False),
        sa.Column("order_id", sa.String(length=36), nullable=False),
        sa.Column("contact_id", sa.String(length=36), nullable=False),
        sa.Column("conversation_id", sa.String(length=36), nullable=True),
        sa.Column("status", sa.String(length=10), nullable=False),
        sa.Column("wants", sa.String(length=10), nullable=False),
        sa.Column("reason", sa.String(length=12), nullable=False),
        sa.Column("note", sa.Text(), nullable=True),
        sa.Column("created_at", types.UtcDateTime(), nullable=False),
        sa.Column("send_by", sa.Date(), nullable=False),
        sa.Column("received_at", types.UtcDateTime(), nullable=True),
        sa.CheckConstraint(
            "reason IN ('unsuitable', 'defective', 'damaged', 'wrong_item', 'unwanted', 'unsaid')",
            name=op.f("ck_return_request_reason"),
        ),
        sa.CheckConstraint(
            "status IN ('announced', 'received', 'withdrawn')", name=op.f("ck_return_request_status")
        ),
        sa.CheckConstraint("wants IN ('refund', 'exchange')", name=op.f("ck_return_request_wants")),
        sa.ForeignKeyConstraint(
            ["contact_id"], ["contact.id"], name=op.f("fk_return_request_contact_id_contact")
        ),
        sa.ForeignKeyConstraint(
            ["conversation_id"],
            ["conversation.id"],
            name=op.f("fk_return_request_conversation_id_conversation"),
            ondelete="SET NULL",
        ),
        sa.ForeignKeyConstraint(
            ["order_id"], ["orders.id"], name=op.f("fk_return_request_order_id_orders"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_return_request")),
        sa.UniqueConstraint("cause", name=op.f("uq_return_request_cause")),
        sa.UniqueConstraint("number", name=op.f("uq_return_request_number")),
    )
    op.create_index(op.f("ix_return_request_contact_id"), "return_request", ["contact_id"], unique=False)
    op.create_index(
        op.f("ix_return_request_conversation_id"), "return_request", ["conversation_id"], unique=False
    )
    op.create_index(op.f("ix_return_request_order_id"), "return_request", ["order_id"], unique=False)
    op.create_table(
        "refund",
        sa.Column("id", sa.String(length=36), nullable=False),
        sa.Column("source", sa.String(length=60), nullable=False),
        sa.Column("order_id", sa.String(length=36), nullable=False),
        sa.Column("return_id", sa.String(length=36), nullable=True),
        sa.Column("conversation_id", sa.String(length=36), nullable=True),
        sa.Column("reason", sa.String(length=10), nullable=False),
        sa.Column("amount", types.Money(precision=12, scale=2), nullable=False),
        sa.Column("currency", sa.String(length=3), nullable=False),
        sa.Column("due", sa.Date(), nullable=False),
        sa.Column("created_at", types.UtcDateTime(), nullable=False),
        sa.Column("sent_at", types.UtcDateTime(), nullable=True),
        sa.Column("reference", sa.String(length=120), nullable=True),
        sa.CheckConstraint("reason IN ('cancelled', 'changed', 'returned')", name=op.f("ck_refund_reason")),
        sa.CheckConstraint("amount > 0", name=op.f("ck_refund_amount")),
        sa.ForeignKeyConstraint(
            ["conversation_id"],
            ["conversation.id"],
            name=op.f("fk_refund_conversation_id_conversation"),
            ondelete="SET NULL",
        ),
        sa.ForeignKeyConstraint(
            ["order_id"], ["orders.id"], name=op.f("fk_refund_order_id_orders"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["return_id"],
            ["return_request.id"],
            name=op.f("fk_refund_return_id_return_request"),
            ondelete="SET NULL",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_refund")),
        sa.UniqueConstraint("source", name=op.f("uq_refund_source")),
    )
    op.create_index(op.f("ix_refund_conversation_id"), "refund", ["conversation_id"], unique=False)
    op.create_index(op.f("ix_refund_order_id"), "refund", ["order_id"], unique=False)
    op.create_index(op.f("ix_refund_return_id"), "refund", ["return_id"], unique=False)
    op.create_table(
        "return_line",
        sa.Column("return_id", sa.String(length=36), nullable=False),
        sa.Column("position", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("quantity", sa.Integer(), nullable=False),
        sa.CheckConstraint("quantity > 0", name=op.f("ck_return_line_quantity")),
        sa.ForeignKeyConstraint(
            ["return_id"],
            ["return_request.id"],
            name=op.f("fk_return_line_return_id_return_request"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("return_id", "position", name=op.f("pk_return_line")),
    )


def downgrade() -> None:
    for table in ("return_line", "refund", "return_request", "order_change", "invoice"):
        op.drop_table(table)
