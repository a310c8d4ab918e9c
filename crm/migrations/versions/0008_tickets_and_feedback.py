"""Complaints, feedback, and chats whose content was erased."""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

from crm.model import base as types

revision: str = "0008"
down_revision: str | Sequence[str] | None = "0011"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None

ERASED = sa.text("forgotten_at IS NULL AND erased_at IS NOT NULL")


def upgrade() -> None:
    op.create_table(
        "ticket",
        sa.Column("id", sa.String(length=36), nullable=False),
        sa.Column("conversation_id", sa.String(length=36), nullable=True),
        sa.Column("contact_id", sa.String(length=36), nullable=True),
        sa.Column("order_id", sa.String(length=36), nullable=True),
        sa.Column("owner_id", sa.String(length=36), nullable=True),
        sa.Column("cause", sa.String(length=36), nullable=False),
        sa.Column("topic", sa.String(length=10), nullable=False),
        sa.Column("status", sa.String(length=10), nullable=False),
        sa.Column("about", sa.Text(), nullable=False),
        sa.Column("wish", sa.Text(), nullable=True),
        sa.Column("created_at", types.UtcDateTime(), nullable=False),
        sa.Column("updated_at", types.UtcDateTime(), nullable=False),
        sa.CheckConstraint("status IN ('open', 'pending', 'resolved')", name=op.f("ck_ticket_status")),
        sa.CheckConstraint(
            "topic IN ('product', 'delivery', 'service', 'payment', 'other')", name=op.f("ck_ticket_topic")
        ),
        sa.ForeignKeyConstraint(
            ["conversation_id"],
            ["conversation.id"],
            name="fk_ticket_conversation_id_conversation",
            ondelete="SET NULL",
        ),
        sa.ForeignKeyConstraint(
            ["contact_id"], ["contact.id"], name="fk_ticket_contact_id_contact", ondelete="SET NULL"
        ),
        sa.ForeignKeyConstraint(
            ["order_id"], ["orders.id"], name="fk_ticket_order_id_orders", ondelete="SET NULL"
        ),
        sa.ForeignKeyConstraint(
            ["owner_id"], ["user.id"], name="fk_ticket_owner_id_user", ondelete="SET NULL"
        ),
        sa.PrimaryKeyConstraint("id", name="pk_ticket"),
        sa.UniqueConstraint("cause", name="uq_ticket_cause"),
    )
    for column in ("conversation_id", "contact_id", "order_id", "owner_id"):
        op.create_index(f"ix_ticket_{column}", "ticket", [column])
    op.create_index("ix_ticket_status_created_at", "ticket", ["status", "created_at"])
    op.create_table(
        "feedback",
        sa.Column("id", sa.String(length=36), nullable=False),
        sa.Column("conversation_id", sa.String(length=36), nullable=True),
        sa.Column("sku", sa.String(length=64), nullable=True),
        sa.Column("cause", sa.String(length=36), nullable=False),
        sa.Column("kind", sa.String(length=10), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("sentiment", sa.Float(), nullable=True),
        sa.Column("created_at", types.UtcDateTime(), nullable=False),
        sa.CheckConstraint("kind IN ('praise', 'price', 'competitor')", name=op.f("ck_feedback_kind")),
        sa.ForeignKeyConstraint(
            ["conversation_id"],
            ["conversation.id"],
            name="fk_feedback_conversation_id_conversation",
            ondelete="SET NULL",
        ),
        sa.ForeignKeyConstraint(["sku"], ["product.sku"], name="fk_feedback_sku_product"),
        sa.PrimaryKeyConstraint("id", name="pk_feedback"),
        sa.UniqueConstraint("cause", name="uq_feedback_cause"),
    )
    op.create_index("ix_feedback_conversation_id", "feedback", ["conversation_id"])
    op.create_index("ix_feedback_sku", "feedback", ["sku"])
    op.create_index("ix_feedback_kind_created_at", "feedback", ["kind", "created_at"])
    op.add_column("conversation", sa.Column("erased_at", types.UtcDateTime(), nullable=True))
    op.create_index(
        "ix_conversation_erased",
        "conversation",
        ["erased_at"],
        sqlite_where=ERASED,
        postgresql_where=ERASED,
    )


def downgrade() -> None:
    op.drop_index("ix_conversation_erased", "conversation")
    op.drop_column("conversation", "erased_at")
    op.drop_table("feedback")
    op.drop_table("ticket")
