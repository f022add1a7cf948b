"""Telegram as a channel."""

from __future__ import annotations

import asyncio

import structlog
from telegram import BotCommand
from telegram.error import InvalidToken, RetryAfter, TelegramError

from bot.channels.port import Accept, Capabilities, Delivery
from bot.channels.telegram import fetching
from bot.channels.telegram.backoff import Backoff
from bot.channels.telegram.client import TelegramClient
from bot.channels.telegram.config import TelegramConfig
from bot.channels.telegram.faults import MALFORMED_RESULTS, REFUSED_ADVICE, seconds_of, words
from bot.channels.telegram.group import DeskGroup
from bot.channels.telegram.intake import Intake
from bot.channels.telegram.markup import MAX_UNITS
from bot.channels.telegram.pacing import Pace
from bot.channels.telegram.polling import Polling
from bot.channels.telegram.reading import CHANNEL, COMMANDS, Me
from bot.channels.telegram.sending import Sender
from bot.leading import LeadershipLost, leading
from bot.store.leases import Leases

_log = structlog.get_logger(__name__)


class TelegramChannel:
    """One bot, by polling or webhook (then its ``webhook.routes`` are mounted).

    Any number of processes may run one for the same token: all of them send, and of those that
    poll one asks for updates at a time. ``desk_group`` writes to groups of counsellors at the same
    pace. ``poll_wait``: seconds of a long poll; ``pause``: seconds before the first new try.
    """

    name = CHANNEL
    capabilities = Capabilities(buttons=True, files=True, edit=True, max_text=MAX_UNITS)

    def __init__(
        self,
        config: TelegramConfig,
        leases: Leases,
        *,
        pace: Pace | None = None,
        timeout: float = 20.0,
        poll_wait: int = 25,
        pause: float = 1.0,
    ) -> None:
        self.config = config
        self.intake: Intake | None = None
        self._leases = leases
        self._poll_wait = poll_wait
        self._pause = pause
        self._client = TelegramClient(config, timeout)
        pace = pace or Pace()
        self._sender = Sender(self._client, pace)
        self._desk_groups = set(config.desk_groups)
        self.desk_group = DeskGroup(self._client, pace, self._desk_groups)

    async def run(self, accept: Accept) -> None:
        """Take updates in until cancelled; returns when the token is refused."""
        me = await self._introduce()
        if me is None:
            return
        await self._offer_commands()
        intake = Intake(self._client, accept, me, self._desk_groups)
        try:
            if self.config.mode == "webhook":
                self.intake = intake
                await asyncio.Event().wait()
            else:
                await self._poll(intake)
        finally:
            self.intake = None
            await intake.close()

    async def send(self, delivery: Delivery) -> str:
        """Put one message on the wire; Telegram's id of it (of its last part).

        Raises SendRefused or SendFailed.
        """
        return await self._sender.send(delivery)

    async def fetch(self, remote: str, limit: int) -> bytes:
        """The content of a file by its file id. Raises FetchRefused or FetchFailed."""
        return await fetching.fetch(self._client, remote, limit)

    async def close(self) -> None:
        """Give the connections back, after the last send."""
        await self._client.close()

    async def _poll(self, intake: Intake) -> None:
        while True:
            try:
                async with leading(self._leases, self.config.lease):
                    await Polling(
                        self._client, intake, wait=self._poll_wait, first=self._pause
                    ).run()
                return
            except LeadershipLost:
                _log.info("telegram.polls_elsewhere")

    async def _introduce(self) -> Me | None:
        """Who the bot is; None when Telegram refuses the token, which is said once."""
        backoff = Backoff(self._pause, 30.0)
        while True:
            at_least = 0.0
            try:
                me = await self._client.bot.get_me()
            except InvalidToken:
                _log.error("telegram.token_refused", advice=REFUSED_ADVICE)
                return None
            except (TelegramError, *MALFORMED_RESULTS) as error:
                _log.warning(
                    "telegram.not_reached", tries=backoff.failures + 1, reason=words(error)
                )
                if isinstance(error, RetryAfter):
                    at_least = seconds_of(error)
            else:
                _log.info("telegram.joined", bot=me.username, mode=self.config.mode)
                return Me(me.id, me.username or "")
            await backoff.wait(at_least)

    async def _offer_commands(self) -> None:
        """Put our commands into Telegram's menu; people can type them anyway."""
        try:
            await self._client.bot.set_my_commands(
                [BotCommand(name, says) for name, says in COMMANDS.items()]
            )
        except (TelegramError, *MALFORMED_RESULTS) as error:
            _log.warning("telegram.commands_not_offered", reason=words(error))
