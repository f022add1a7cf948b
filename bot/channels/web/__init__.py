"""The web chat: a page, the messages it posts, and the event stream it listens to."""

from bot.channels.web.channel import WebChannel
from bot.channels.web.routes import routes
from bot.channels.web.sessions import keep_key
from bot.channels.web.shown import Conversations, Shown

__all__ = ["Conversations", "Shown", "WebChannel", "keep_key", "routes"]
