"""What channels delivered, who blocked us, and which conversation an identity is in."""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

from crm.model import base as types

revision: str = "0010"
down_revision: str | Sequence[str] | None = "0004"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None


def upgrade() -> None:
    op.create_table(
        "delivery",
        sa.Column("channel", sa.String(length=16), nullable=False),
        sa.Column("delivery_id", sa.String(length=120), nullable=False),
        sa.Column("lane", sa.String(length=120), nullable=False),
        sa.Column("position", sa.BigInteger(), nullable=False),
        sa.Column("payload", types.Json, nullable=True),
        sa.Column("state", sa.String(length=8), nullable=False),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("holder", sa.String(length=80), nullable=True),
        sa.Column("due_at", types.UtcDateTime(), nullable=True),
        sa.Column("received_at", types.UtcDateTime(), nullable=False),
        sa.CheckConstraint("state IN ('pending', 'done', 'failed')", name=op.f("ck_delivery_state")),
        sa.PrimaryKeyConstraint("channel", "delivery_id", name="pk_delivery"),
    )
    pending = sa.text("state = 'pending'")
    op.create_index("ix_delivery_due", "delivery", ["due_at"], sqlite_where=pending, postgresql_where=pending)
    op.create_index("ix_delivery_received_at", "delivery", ["received_at"])
    op.add_column("identity", sa.Column("blocked_at", types.UtcDateTime(), nullable=True))
    op.add_column("conversation", sa.Column("joined_at", types.UtcDateTime(), nullable=True))


def downgrade() -> None:
    op.drop_column("conversation", "joined_at")
    op.drop_column("identity", "blocked_at")
    op.drop_table("delivery")
