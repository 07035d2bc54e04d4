"""The conversation and the composer."""

from desktop.ui.conversation.composer import Composer
from desktop.ui.conversation.view import ConversationView

__all__ = ["Composer", "ConversationView"]
