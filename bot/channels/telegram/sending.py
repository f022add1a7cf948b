"""Messages to people, one delivery at a time."""

from __future__ import annotations

from collections import OrderedDict

from telegram import LinkPreviewOptions
from telegram.constants import ParseMode
from telegram.error import BadRequest, ChatMigrated, TelegramError

from bot.channels.port import Delivery, SendFailed, SendRefused
from bot.channels.telegram.client import TelegramClient
from bot.channels.telegram.faults import MALFORMED_RESULTS, of_sending
from bot.channels.telegram.markup import Part, parts_of
from bot.channels.telegram.pacing import Pace, TooFast

_NO_PREVIEW = LinkPreviewOptions(is_disabled=True)
_BROKEN_REMEMBERED = 1_000


class Sender:
    """Puts deliveries on the wire.

    A delivery of several parts that breaks off is taken up at the part that failed. Only this
    process knows how far it came: after a restart, or in another process, all its parts are sent
    again, since Telegram has no key by which it would know them.
    """

    def __init__(self, client: TelegramClient, pace: Pace) -> None:
        self._client = client
        self._pace = pace
        self._broken: OrderedDict[int, int] = OrderedDict()

    async def send(self, delivery: Delivery) -> str:
        """Send all parts; Telegram's id of the last. Raises SendRefused or SendFailed."""
        chat = _chat(delivery.chat_id)
        parts = parts_of(delivery.message)
        # The last part is always sent: its id is asked for.
        done = min(self._broken.pop(delivery.id, 0), len(parts) - 1)
        message = 0
        try:
            for part in parts[done:]:
                message = await self._put(chat, part)
                done += 1
        finally:
            if 0 < done < len(parts):
                self._broken[delivery.id] = done
                while len(self._broken) > _BROKEN_REMEMBERED:
                    self._broken.popitem(last=False)
        return str(message)

    async def _put(self, chat: int, part: Part) -> int:
        try:
            await self._pace.turn(chat)
        except TooFast as error:
            raise SendFailed(
                "Đang gửi chậm lại theo giới hạn của Telegram.", retry_after=error.wait
            ) from None
        try:
            return await self._post(chat, part)
        except ChatMigrated as moved:
            return await self._post_moved(moved.new_chat_id, part)
        except (TelegramError, *MALFORMED_RESULTS) as error:
            raise of_sending(error) from None
        finally:
            self._pace.answered(chat)

    async def _post_moved(self, chat: int, part: Part) -> int:
        """Post to a group that became a supergroup and so has another id."""
        try:
            return await self._post(chat, part)
        except (TelegramError, *MALFORMED_RESULTS) as error:
            raise of_sending(error) from None

    async def _post(self, chat: int, part: Part) -> int:
        try:
            return await self._call(chat, part.html, ParseMode.HTML, part)
        except BadRequest as error:
            if "can't parse entities" not in error.message.lower():
                raise
        return await self._call(chat, part.plain, None, part)

    async def _call(self, chat: int, text: str, mode: ParseMode | None, part: Part) -> int:
        sent = await self._client.bot.send_message(
            chat,
            text,
            parse_mode=mode,
            reply_markup=part.keyboard,
            link_preview_options=_NO_PREVIEW,
        )
        return sent.message_id


def _chat(chat_id: str) -> int:
    try:
        return int(chat_id)
    except ValueError:
        raise SendRefused("Số hiệu cuộc trò chuyện Telegram không đúng dạng.") from None
