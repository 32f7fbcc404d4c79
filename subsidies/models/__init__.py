"""Messages, schemes, claims, batches, training: one file per noun."""

from subsidies.models.messages import Forwarding, Mailing, Message, MessageTemplate

__all__ = ["Forwarding", "Mailing", "Message", "MessageTemplate"]
