"""What a message holds besides words."""

from __future__ import annotations

from telegram import Message

from bot.channels.port import FileKind, IncomingFile
from bot.plain_text import clean

_NAME_LENGTH = 200
_TYPE_LENGTH = 100


def files_of(message: Message) -> tuple[IncomingFile, ...]:
    """The file of a message, if any: the largest size of a picture.

    A message of a kind the library does not know yet becomes WITHHELD, so that its writer is told
    it could not be read, instead of hearing nothing.
    """
    file = _file(message)
    if file is None and _is_unknown(message):
        file = IncomingFile(kind=FileKind.WITHHELD)
    return () if file is None else (file,)


def _file(message: Message) -> IncomingFile | None:
    if message.photo:
        # By area: sizes in bytes may be missing.
        best = max(message.photo, key=lambda size: size.width * size.height)
        return _made(FileKind.PHOTO, best.file_id, best.file_size, "image/jpeg")
    # An animation comes with a document of the same content besides.
    if message.animation is not None:
        moving = message.animation
        return _made(
            FileKind.VIDEO, moving.file_id, moving.file_size, moving.mime_type, moving.file_name
        )
    if message.document is not None:
        paper = message.document
        return _made(
            FileKind.DOCUMENT, paper.file_id, paper.file_size, paper.mime_type, paper.file_name
        )
    if message.voice is not None:
        voice = message.voice
        return _made(FileKind.VOICE, voice.file_id, voice.file_size, voice.mime_type or "audio/ogg")
    if message.audio is not None:
        audio = message.audio
        return _made(
            FileKind.VOICE, audio.file_id, audio.file_size, audio.mime_type, audio.file_name
        )
    if message.video is not None:
        video = message.video
        return _made(
            FileKind.VIDEO, video.file_id, video.file_size, video.mime_type, video.file_name
        )
    if message.video_note is not None:
        note = message.video_note
        return _made(FileKind.VIDEO, note.file_id, note.file_size, "video/mp4")
    if message.sticker is not None:
        return IncomingFile(kind=FileKind.STICKER, name=clean(message.sticker.emoji or ""))
    if message.story is not None or message.paid_media is not None:
        return IncomingFile(kind=FileKind.WITHHELD)
    return None


def _made(
    kind: FileKind, remote: str, size: int | None, media_type: str | None, name: str | None = None
) -> IncomingFile:
    return IncomingFile(
        kind=kind,
        name=clean(name or "")[:_NAME_LENGTH],
        media_type=clean(media_type or "")[:_TYPE_LENGTH],
        size=size,
        remote=remote,
    )


def stands_for(message: Message) -> str:
    """Words in place of what has none; a contact's name and number are not read."""
    if message.location is not None or message.venue is not None:
        return "[vị trí]"
    if message.contact is not None:
        return "[danh thiếp]"
    if message.poll is not None:
        return "[bình chọn]"
    if message.checklist is not None:
        return "[danh sách việc]"
    if message.dice is not None:
        return clean(message.dice.emoji)
    return ""


def album_of(message: Message) -> str | None:
    """What joins the messages of an album."""
    return message.media_group_id[:_NAME_LENGTH] if message.media_group_id else None


def _is_unknown(message: Message) -> bool:
    """Whether all it holds came in fields the library does not know."""
    if message.text or message.caption or stands_for(message):
        return False
    return bool(message.api_kwargs)
