"""The newsletter's mailboxes."""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

from crm.model import base as types

revision: str = "0009"
down_revision: str | Sequence[str] | None = "0008"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None

UNMAILED = sa.text("mailed_at IS NULL AND ended_at IS NULL")


def upgrade() -> None:
    op.create_table(
        "newsletter_subscription",
        sa.Column("id", sa.String(length=36), nullable=False),
        sa.Column("email", sa.String(length=254), nullable=False),
        sa.Column("mailbox", sa.String(length=254), nullable=False),
        sa.Column("conversation_id", sa.String(length=36), nullable=True),
        sa.Column("consent", sa.Text(), nullable=False),
        sa.Column("requested_at", types.UtcDateTime(), nullable=False),
        sa.Column("mailed_at", types.UtcDateTime(), nullable=True),
        sa.Column("confirmed_at", types.UtcDateTime(), nullable=True),
        sa.Column("ended_at", types.UtcDateTime(), nullable=True),
        sa.ForeignKeyConstraint(
            ["conversation_id"],
            ["conversation.id"],
            name="fk_newsletter_subscription_conversation_id_conversation",
            ondelete="SET NULL",
        ),
        sa.PrimaryKeyConstraint("id", name="pk_newsletter_subscription"),
        sa.UniqueConstraint("mailbox", name="uq_newsletter_subscription_mailbox"),
    )
    op.create_index(
        "ix_newsletter_subscription_conversation_id", "newsletter_subscription", ["conversation_id"]
    )
    op.create_index(
        "ix_newsletter_subscription_unmailed",
        "newsletter_subscription",
        ["requested_at"],
        sqlite_where=UNMAILED,
        postgresql_where=UNMAILED,
    )


def downgrade() -> None:
    op.drop_table("newsletter_subscription")
