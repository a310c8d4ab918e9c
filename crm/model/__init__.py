"""The CRM's tables. Importing this package knows them all, which foreign keys and migrations need."""

from crm.model.aftersales import Invoice, OrderChange, Refund, Return, ReturnLine
from crm.model.alert import Alert, LiveThread
from crm.model.appointment import Appointment
from crm.model.base import Base
from crm.model.cart import Cart, CartLine
from crm.model.contact import Company, Consent, Contact, Identity
from crm.model.conversation import Conversation, Message
from crm.model.delivery import Delivery
from crm.model.exposure import Exposure
from crm.model.history import Activity, AuditEvent
from crm.model.link import LinkCode
from crm.model.newsletter import Subscription
from crm.model.once import FailedLookup, Processed
from crm.model.order import Order, OrderLine
from crm.model.product import CatalogueState, Product
from crm.model.quote import Quote, QuoteLine
from crm.model.sales import Counter, Deal, DealStageChange, Lead
from crm.model.ticket import Feedback, Ticket
from crm.model.user import StaffChat, User

__all__ = [
    "Activity",
    "Alert",
    "Appointment",
    "AuditEvent",
    "Base",
    "Cart",
    "CartLine",
    "CatalogueState",
    "Company",
    "Consent",
    "Contact",
    "Conversation",
    "Counter",
    "Deal",
    "DealStageChange",
    "Delivery",
    "Exposure",
    "FailedLookup",
    "Feedback",
    "Identity",
    "Invoice",
    "Lead",
    "LinkCode",
    "LiveThread",
    "Message",
    "Order",
    "OrderChange",
    "OrderLine",
    "Processed",
    "Product",
    "Quote",
    "QuoteLine",
    "Refund",
    "Return",
    "ReturnLine",
    "StaffChat",
    "Subscription",
    "Ticket",
    "User",
]
