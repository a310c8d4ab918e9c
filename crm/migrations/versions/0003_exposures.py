"""What was recommended, and what became of it."""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

from crm.model import base as types

revision: str = "0003"
down_revision: str | Sequence[str] | None = "0002"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None


def upgrade() -> None:
    op.create_table(
        "exposure",
        sa.Column("id", sa.String(length=36), nullable=False),
        sa.Column("conversation_id", sa.String(length=36), nullable=True),
        sa.Column("cause", sa.String(length=36), nullable=False),
        sa.Column("sku", sa.String(length=64), nullable=False),
        sa.Column("strategy", sa.String(length=10), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("shown_at", types.UtcDateTime(), nullable=False),
        sa.Column("opened_at", types.UtcDateTime(), nullable=True),
        sa.Column("carted_at", types.UtcDateTime(), nullable=True),
        sa.Column("bought_at", types.UtcDateTime(), nullable=True),
        sa.CheckConstraint(
            "strategy IN ('search', 'similar', 'compare', 'goes_with', 'for_you', 'upgrade')",
            name=op.f("ck_exposure_strategy"),
        ),
        sa.CheckConstraint("position >= 0", name=op.f("ck_exposure_position")),
        sa.ForeignKeyConstraint(
            ["conversation_id"],
            ["conversation.id"],
            name="fk_exposure_conversation_id_conversation",
            ondelete="SET NULL",
        ),
        sa.ForeignKeyConstraint(["sku"], ["product.sku"], name="fk_exposure_sku_product"),
        sa.PrimaryKeyConstraint("id", name="pk_exposure"),
        sa.UniqueConstraint("cause", "sku", name="uq_exposure_cause_sku"),
    )
    op.create_index("ix_exposure_conversation_id_sku", "exposure", ["conversation_id", "sku"])
    op.create_index("ix_exposure_shown_at", "exposure", ["shown_at"])
    op.create_index("ix_exposure_sku", "exposure", ["sku"])


def downgrade() -> None:
    op.drop_table("exposure")
