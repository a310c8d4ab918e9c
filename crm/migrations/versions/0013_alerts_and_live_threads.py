"""What staff are told of, and the threads in which they answer."""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

from crm.model import base as types

revision: str = "0013"
down_revision: str | Sequence[str] | None = "0012"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None


def upgrade() -> None:
    op.create_table(
        "alert",
        sa.Column("id", sa.String(length=36), nullable=False),
        sa.Column("kind", sa.String(length=8), nullable=False),
        sa.Column("subject", sa.String(length=60), nullable=False),
        sa.Column("conversation_id", sa.String(length=36), nullable=True),
        sa.Column("lead_id", sa.String(length=36), nullable=True),
        sa.Column("state", sa.String(length=6), nullable=False),
        sa.Column("place", sa.String(length=40), nullable=True),
        sa.Column("thread", sa.String(length=40), nullable=True),
        sa.Column("shown", sa.String(length=80), nullable=False),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("due_at", types.UtcDateTime(), nullable=False),
        sa.Column("created_at", types.UtcDateTime(), nullable=False),
        sa.CheckConstraint("kind IN ('lead', 'cart', 'mood', 'handoff')", name=op.f("ck_alert_kind")),
        sa.CheckConstraint("state IN ('due', 'posted', 'failed')", name=op.f("ck_alert_state")),
        sa.ForeignKeyConstraint(
            ["conversation_id"],
            ["conversation.id"],
            name="fk_alert_conversation_id_conversation",
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(["lead_id"], ["lead.id"], name="fk_alert_lead_id_lead", ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id", name="pk_alert"),
        sa.UniqueConstraint("kind", "subject", name="uq_alert_kind_subject"),
    )
    op.create_index("ix_alert_conversation_id", "alert", ["conversation_id"])
    op.create_index("ix_alert_lead_id", "alert", ["lead_id"])
    op.create_index("ix_alert_created_at", "alert", ["created_at"])
    due = sa.text("state = 'due'")
    op.create_index("ix_alert_due", "alert", ["due_at"], sqlite_where=due, postgresql_where=due)
    op.create_table(
        "live_thread",
        sa.Column("conversation_id", sa.String(length=36), nullable=False),
        sa.Column("channel", sa.String(length=16), nullable=False),
        sa.Column("place", sa.String(length=40), nullable=False),
        sa.Column("thread", sa.String(length=40), nullable=False),
        sa.Column("mirrored_seq", sa.Integer(), nullable=False),
        sa.Column("shown", sa.String(length=80), nullable=False),
        sa.Column("due_at", types.UtcDateTime(), nullable=False),
        sa.Column("created_at", types.UtcDateTime(), nullable=False),
        sa.ForeignKeyConstraint(
            ["conversation_id"],
            ["conversation.id"],
            name="fk_live_thread_conversation_id_conversation",
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("conversation_id", name="pk_live_thread"),
        sa.UniqueConstraint("channel", "place", "thread", name="uq_live_thread_channel_place_thread"),
    )


def downgrade() -> None:
    op.drop_table("live_thread")
    op.drop_table("alert")
