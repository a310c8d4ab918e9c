"""Leads have a number that people can say; a rep's conversation knows its rep."""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

revision: str = "0012"
down_revision: str | Sequence[str] | None = "0003"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None


def upgrade() -> None:
    op.create_table(
        "counter",
        sa.Column("name", sa.String(length=20), nullable=False),
        sa.Column("last", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("name", name="pk_counter"),
    )
    op.add_column("lead", sa.Column("number", sa.Integer(), nullable=True))
    connection = op.get_bind()
    lead = sa.table("lead", sa.column("id"), sa.column("number"), sa.column("created_at"))
    known = connection.execute(sa.select(lead.c.id).order_by(lead.c.created_at, lead.c.id)).scalars().all()
    for number, lead_id in enumerate(known, start=1):
        connection.execute(sa.update(lead).where(lead.c.id == lead_id).values(number=number))
    counter = sa.table("counter", sa.column("name"), sa.column("last"))
    connection.execute(sa.insert(counter).values(name="lead", last=len(known)))
    with op.batch_alter_table("lead") as batch:
        batch.alter_column("number", existing_type=sa.Integer(), nullable=False)
        batch.create_unique_constraint("uq_lead_number", ["number"])
    op.create_table(
        "staff_chat",
        sa.Column("conversation_id", sa.String(length=36), nullable=False),
        sa.Column("channel", sa.String(length=16), nullable=False),
        sa.Column("external_id", sa.String(length=120), nullable=False),
        sa.Column("user_id", sa.String(length=36), nullable=False),
        sa.ForeignKeyConstraint(
            ["conversation_id"],
            ["conversation.id"],
            name="fk_staff_chat_conversation_id_conversation",
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["user_id"], ["user.id"], name="fk_staff_chat_user_id_user", ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("conversation_id", name="pk_staff_chat"),
        sa.UniqueConstraint(
            "channel", "external_id", "user_id", name="uq_staff_chat_channel_external_id_user_id"
        ),
    )
    op.create_index("ix_staff_chat_user_id", "staff_chat", ["user_id"])


def downgrade() -> None:
    op.drop_table("staff_chat")
    with op.batch_alter_table("lead") as batch:
        batch.drop_constraint("uq_lead_number", type_="unique")
        batch.drop_column("number")
    op.drop_table("counter")
