"""The catalogue with its counter, carts, orders, leads, deals and activities."""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

from crm.model import base as types

revision: str = "0002"
down_revision: str | Sequence[str] | None = "0001"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None

TABLES = (
    "catalogue_state",
    "product",
    "cart",
    "cart_line",
    "orders",
    "order_line",
    "lead",
    "deal",
    "deal_stage_change",
    "activity",
)


def upgrade() -> None:
    create_tables()
    op.execute("INSERT INTO catalogue_state (id, version) VALUES (1, 0)")


def downgrade() -> None:
    for table in reversed(TABLES):
        op.drop_table(table)


def create_tables() -> None:
    op.create_table(
        "catalogue_state",
        sa.Column("id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.CheckConstraint("id = 1", name=op.f("ck_catalogue_state_single_row")),
        sa.PrimaryKeyConstraint("id", name="pk_catalogue_state"),
    )
    op.create_table(
        "product",
        sa.Column("sku", sa.String(length=64), nullable=False),
        sa.Column("name", sa.String(length=200), nullable=False),
        sa.Column("brand", sa.String(length=100), nullable=False),
        sa.Column("category", sa.String(length=64), nullable=False),
        sa.Column("price", types.Money(precision=12, scale=2), nullable=False),
        sa.Column("currency", sa.String(length=3), nullable=False),
        sa.Column("stock", sa.Integer(), nullable=False),
        sa.Column("description", sa.Text(), nullable=False),
        sa.Column("attributes", types.Json, nullable=False),
        sa.Column("image", sa.String(length=500), nullable=True),
        sa.Column("active", sa.Boolean(), nullable=False),
        sa.Column("changed_in", sa.Integer(), nullable=False),
        sa.Column("created_at", types.UtcDateTime(), nullable=False),
        sa.Column("updated_at", types.UtcDateTime(), nullable=False),
        sa.CheckConstraint("price >= 0", name=op.f("ck_product_price")),
        sa.CheckConstraint("stock >= 0", name=op.f("ck_product_stock")),
        sa.PrimaryKeyConstraint("sku", name="pk_product"),
    )
    op.create_index("ix_product_category", "product", ["category"])
    op.create_index("ix_product_changed_in", "product", ["changed_in"])
    op.create_table(
        "cart",
        sa.Column("conversation_id", sa.String(length=36), nullable=False),
        sa.Column("created_at", types.UtcDateTime(), nullable=False),
        sa.Column("updated_at", types.UtcDateTime(), nullable=False),
        sa.ForeignKeyConstraint(
            ["conversation_id"],
            ["conversation.id"],
            name="fk_cart_conversation_id_conversation",
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("conversation_id", name="pk_cart"),
    )
    op.create_table(
        "cart_line",
        sa.Column("conversation_id", sa.String(length=36), nullable=False),
        sa.Column("sku", sa.String(length=64), nullable=False),
        sa.Column("quantity", sa.Integer(), nullable=False),
        sa.Column("unit_price", types.Money(precision=12, scale=2), nullable=False),
        sa.Column("added_at", types.UtcDateTime(), nullable=False),
        sa.CheckConstraint("quantity > 0", name=op.f("ck_cart_line_quantity")),
        sa.ForeignKeyConstraint(
            ["conversation_id"],
            ["cart.conversation_id"],
            name="fk_cart_line_conversation_id_cart",
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(["sku"], ["product.sku"], name="fk_cart_line_sku_product"),
        sa.PrimaryKeyConstraint("conversation_id", "sku", name="pk_cart_line"),
    )
    op.create_index("ix_cart_line_sku", "cart_line", ["sku"])
    op.create_table(
        "orders",
        sa.Column("id", sa.String(length=36), nullable=False),
        sa.Column("number", sa.String(length=12), nullable=False),
        sa.Column("cause", sa.String(length=36), nullable=False),
        sa.Column("conversation_id", sa.String(length=36), nullable=True),
        sa.Column("contact_id", sa.String(length=36), nullable=False),
        sa.Column("status", sa.String(length=10), nullable=False),
        sa.Column("currency", sa.String(length=3), nullable=False),
        sa.Column("subtotal", types.Money(precision=12, scale=2), nullable=False),
        sa.Column("delivery", types.Money(precision=12, scale=2), nullable=False),
        sa.Column("vat_rate", types.Rate(precision=6, scale=4), nullable=False),
        sa.Column("vat_included", types.Money(precision=12, scale=2), nullable=False),
        sa.Column("total", types.Money(precision=12, scale=2), nullable=False),
        sa.Column("name", sa.String(length=200), nullable=True),
        sa.Column("email", sa.String(length=254), nullable=True),
        sa.Column("phone", sa.String(length=20), nullable=True),
        sa.Column("address", sa.Text(), nullable=True),
        sa.Column("payment", sa.String(length=20), nullable=False),
        sa.Column("payment_reference", sa.String(length=120), nullable=True),
        sa.Column("payment_due", sa.Date(), nullable=True),
        sa.Column("expected_delivery", sa.Date(), nullable=True),
        sa.Column("tracking", sa.String(length=80), nullable=True),
        sa.Column("placed_at", types.UtcDateTime(), nullable=False),
        sa.Column("release_at", types.UtcDateTime(), nullable=False),
        sa.Column("paid_at", types.UtcDateTime(), nullable=True),
        sa.Column("shipped_at", types.UtcDateTime(), nullable=True),
        sa.Column("delivered_at", types.UtcDateTime(), nullable=True),
        sa.Column("cancelled_at", types.UtcDateTime(), nullable=True),
        sa.Column("returned_at", types.UtcDateTime(), nullable=True),
        sa.CheckConstraint(
            "status IN ('placed', 'paid', 'shipped', 'delivered', 'cancelled', 'returned')",
            name=op.f("ck_orders_status"),
        ),
        sa.CheckConstraint(
            "subtotal >= 0 AND delivery >= 0 AND total = subtotal + delivery", name=op.f("ck_orders_total")
        ),
        sa.CheckConstraint("vat_included >= 0 AND vat_included <= total", name=op.f("ck_orders_vat")),
        sa.ForeignKeyConstraint(["contact_id"], ["contact.id"], name="fk_orders_contact_id_contact"),
        sa.ForeignKeyConstraint(
            ["conversation_id"],
            ["conversation.id"],
            name="fk_orders_conversation_id_conversation",
            ondelete="SET NULL",
        ),
        sa.PrimaryKeyConstraint("id", name="pk_orders"),
        sa.UniqueConstraint("cause", name="uq_orders_cause"),
        sa.UniqueConstraint("number", name="uq_orders_number"),
    )
    op.create_index("ix_orders_contact_id", "orders", ["contact_id"])
    op.create_index("ix_orders_conversation_id", "orders", ["conversation_id"])
    op.create_index(
        "ix_orders_unpaid",
        "orders",
        ["release_at"],
        sqlite_where=sa.text("status = 'placed'"),
        postgresql_where=sa.text("status = 'placed'"),
    )
    op.create_table(
        "order_line",
        sa.Column("order_id", sa.String(length=36), nullable=False),
        sa.Column("position", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("sku", sa.String(length=64), nullable=False),
        sa.Column("name", sa.String(length=200), nullable=False),
        sa.Column("quantity", sa.Integer(), nullable=False),
        sa.Column("unit_price", types.Money(precision=12, scale=2), nullable=False),
        sa.Column("line_total", types.Money(precision=12, scale=2), nullable=False),
        sa.CheckConstraint("line_total = unit_price * quantity", name=op.f("ck_order_line_line_total")),
        sa.CheckConstraint("quantity > 0", name=op.f("ck_order_line_quantity")),
        sa.ForeignKeyConstraint(
            ["order_id"], ["orders.id"], name="fk_order_line_order_id_orders", ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(["sku"], ["product.sku"], name="fk_order_line_sku_product"),
        sa.PrimaryKeyConstraint("order_id", "position", name="pk_order_line"),
    )
    op.create_index("ix_order_line_sku", "order_line", ["sku"])
    op.create_table(
        "lead",
        sa.Column("id", sa.String(length=36), nullable=False),
        sa.Column("contact_id", sa.String(length=36), nullable=False),
        sa.Column("conversation_id", sa.String(length=36), nullable=True),
        sa.Column("owner_id", sa.String(length=36), nullable=True),
        sa.Column("cause", sa.String(length=36), nullable=False),
        sa.Column("status", sa.String(length=12), nullable=False),
        sa.Column("name", sa.String(length=200), nullable=True),
        sa.Column("email", sa.String(length=254), nullable=True),
        sa.Column("phone", sa.String(length=20), nullable=True),
        sa.Column("needs", sa.Text(), nullable=False),
        sa.Column("created_at", types.UtcDateTime(), nullable=False),
        sa.CheckConstraint(
            "status IN ('new', 'contacted', 'qualified', 'closed')", name=op.f("ck_lead_status")
        ),
        sa.ForeignKeyConstraint(["contact_id"], ["contact.id"], name="fk_lead_contact_id_contact"),
        sa.ForeignKeyConstraint(
            ["conversation_id"],
            ["conversation.id"],
            name="fk_lead_conversation_id_conversation",
            ondelete="SET NULL",
        ),
        sa.ForeignKeyConstraint(["owner_id"], ["user.id"], name="fk_lead_owner_id_user", ondelete="SET NULL"),
        sa.PrimaryKeyConstraint("id", name="pk_lead"),
        sa.UniqueConstraint("cause", name="uq_lead_cause"),
    )
    op.create_index("ix_lead_contact_id", "lead", ["contact_id"])
    op.create_index("ix_lead_conversation_id", "lead", ["conversation_id"])
    op.create_index("ix_lead_owner_id", "lead", ["owner_id"])
    op.create_index("ix_lead_status_created_at", "lead", ["status", "created_at"])
    op.create_table(
        "deal",
        sa.Column("id", sa.String(length=36), nullable=False),
        sa.Column("contact_id", sa.String(length=36), nullable=False),
        sa.Column("lead_id", sa.String(length=36), nullable=True),
        sa.Column("conversation_id", sa.String(length=36), nullable=True),
        sa.Column("order_id", sa.String(length=36), nullable=True),
        sa.Column("owner_id", sa.String(length=36), nullable=True),
        sa.Column("stage", sa.String(length=16), nullable=False),
        sa.Column("amount", types.Money(precision=12, scale=2), nullable=True),
        sa.Column("currency", sa.String(length=3), nullable=False),
        sa.Column("closed_at", types.UtcDateTime(), nullable=True),
        sa.Column("created_at", types.UtcDateTime(), nullable=False),
        sa.Column("updated_at", types.UtcDateTime(), nullable=False),
        sa.CheckConstraint(
            "stage IN ('prospecting', 'qualification', 'proposal', 'negotiation', 'won', 'lost')",
            name=op.f("ck_deal_stage"),
        ),
        sa.CheckConstraint("amount >= 0", name=op.f("ck_deal_amount")),
        sa.ForeignKeyConstraint(["contact_id"], ["contact.id"], name="fk_deal_contact_id_contact"),
        sa.ForeignKeyConstraint(
            ["conversation_id"],
            ["conversation.id"],
            name="fk_deal_conversation_id_conversation",
            ondelete="SET NULL",
        ),
        sa.ForeignKeyConstraint(["lead_id"], ["lead.id"], name="fk_deal_lead_id_lead", ondelete="SET NULL"),
        sa.ForeignKeyConstraint(["order_id"], ["orders.id"], name="fk_deal_order_id_orders"),
        sa.ForeignKeyConstraint(["owner_id"], ["user.id"], name="fk_deal_owner_id_user", ondelete="SET NULL"),
        sa.PrimaryKeyConstraint("id", name="pk_deal"),
        sa.UniqueConstraint("order_id", name="uq_deal_order_id"),
    )
    op.create_index("ix_deal_contact_id", "deal", ["contact_id"])
    op.create_index("ix_deal_conversation_id", "deal", ["conversation_id"])
    op.create_index("ix_deal_lead_id", "deal", ["lead_id"])
    op.create_index("ix_deal_owner_id", "deal", ["owner_id"])
    op.create_index("ix_deal_stage_updated_at", "deal", ["stage", "updated_at"])
    op.create_table(
        "deal_stage_change",
        sa.Column("id", sa.Integer(), autoincrement=True, nullable=False),
        sa.Column("deal_id", sa.String(length=36), nullable=False),
        sa.Column("before", sa.String(length=16), nullable=True),
        sa.Column("after", sa.String(length=16), nullable=False),
        sa.Column("user_id", sa.String(length=36), nullable=True),
        sa.Column("at", types.UtcDateTime(), nullable=False),
        sa.ForeignKeyConstraint(
            ["deal_id"], ["deal.id"], name="fk_deal_stage_change_deal_id_deal", ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["user_id"], ["user.id"], name="fk_deal_stage_change_user_id_user", ondelete="SET NULL"
        ),
        sa.PrimaryKeyConstraint("id", name="pk_deal_stage_change"),
    )
    op.create_index("ix_deal_stage_change_deal_id", "deal_stage_change", ["deal_id"])
    op.create_index("ix_deal_stage_change_user_id", "deal_stage_change", ["user_id"])
    op.create_table(
        "activity",
        sa.Column("id", sa.String(length=36), nullable=False),
        sa.Column("kind", sa.String(length=40), nullable=False),
        sa.Column("summary", sa.Text(), nullable=False),
        sa.Column("data", types.Json, nullable=True),
        sa.Column("conversation_id", sa.String(length=36), nullable=True),
        sa.Column("contact_id", sa.String(length=36), nullable=True),
        sa.Column("deal_id", sa.String(length=36), nullable=True),
        sa.Column("user_id", sa.String(length=36), nullable=True),
        sa.Column("at", types.UtcDateTime(), nullable=False),
        sa.ForeignKeyConstraint(
            ["contact_id"], ["contact.id"], name="fk_activity_contact_id_contact", ondelete="SET NULL"
        ),
        sa.ForeignKeyConstraint(
            ["conversation_id"],
            ["conversation.id"],
            name="fk_activity_conversation_id_conversation",
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["deal_id"], ["deal.id"], name="fk_activity_deal_id_deal", ondelete="SET NULL"
        ),
        sa.ForeignKeyConstraint(
            ["user_id"], ["user.id"], name="fk_activity_user_id_user", ondelete="SET NULL"
        ),
        sa.PrimaryKeyConstraint("id", name="pk_activity"),
    )
    op.create_index("ix_activity_contact_id_at", "activity", ["contact_id", "at"])
    op.create_index("ix_activity_conversation_id_at", "activity", ["conversation_id", "at"])
    op.create_index("ix_activity_deal_id", "activity", ["deal_id"])
    op.create_index("ix_activity_user_id", "activity", ["user_id"])
