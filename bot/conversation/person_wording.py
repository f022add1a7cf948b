"""Words about counsellors: what happens next, when, and what one can do meanwhile."""

from __future__ import annotations

from collections.abc import Collection

from bot.cases.steps import Outlook
from bot.channels.port import FileKind
from bot.conversation.times import spoken

PERSON = "Gặp tư vấn viên"
CANCEL = "Rút yêu cầu"

OPENED = "Mình đã chuyển chuyện của bạn cho tư vấn viên."
OPENED_URGENT = "Chuyện này gấp, nên mình đã báo ngay cho tư vấn viên."
RAISED = "Chuyện này gấp, nên mình đã báo tư vấn viên xem sớm hơn."
REOPENED = "Mình đã mở lại yêu cầu của bạn, tư vấn viên sẽ đọc tiếp từ chỗ cũ."
STILL_WAITING = "Yêu cầu của bạn vẫn đang chờ tư vấn viên."
TELL_US = "Bạn viết giúp mình vài chữ về chuyện đang gặp, để tư vấn viên đọc trước nhé."
WITHDRAW = "Muốn rút, bạn nhắn “rút yêu cầu”."

_FIRST_IN_LINE = "Bạn đang đứng đầu hàng chờ"
_IN_LINE = "Bạn đang đứng thứ {position} trong hàng chờ"
_ANSWER_BY = "{line}, sẽ có người trả lời bạn trước {when}."
_LATE = "Xin lỗi bạn, đã quá giờ hẹn mà chưa có người trả lời."
_OPENS_AT = "Bây giờ ngoài giờ làm việc, tư vấn viên làm việc lại lúc {when}."
_MEANWHILE = "Trong lúc chờ, bạn cứ viết thêm hoặc hỏi mình tiếp như thường."
_MEANWHILE_FILES = "Trong lúc chờ, bạn cứ viết thêm, gửi ảnh, hoặc hỏi mình tiếp như thường."
_KEPT = "Cuộc trò chuyện được giữ ít nhất đến khi yêu cầu này xong."
_KEPT_ALTHOUGH = (
    "Dù bạn đã chọn không lưu, cuộc trò chuyện vẫn được giữ đến khi yêu cầu này xong rồi mới xóa."
)

NOBODY_HERE = (
    "Ở đây hiện chưa có tư vấn viên nên mình chưa nối bạn với người được, mong bạn thông cảm. Bạn "
    "có thể gặp công đoàn cơ sở nơi bạn làm, hoặc Liên đoàn Lao động tỉnh, thành phố nơi bạn làm "
    "việc để được tư vấn. Trong lúc đó bạn cứ hỏi mình tiếp nhé."
)
NOBODY_WAITING = (
    "Hiện chưa có tư vấn viên nào trực. Yêu cầu của bạn vẫn còn đó, nhưng nếu chuyện gấp, bạn hãy "
    "gặp công đoàn cơ sở nơi bạn làm, hoặc Liên đoàn Lao động tỉnh, thành phố nơi bạn làm việc."
)
CANCELLED = (
    "Mình đã rút yêu cầu gặp tư vấn viên. Bạn cứ hỏi mình tiếp; khi nào cần người, bạn nhắn “gặp "
    "tư vấn viên” nhé."
)
NOTHING_TO_CANCEL = "Bạn không có yêu cầu nào đang chờ tư vấn viên. Bạn cứ hỏi mình tiếp nhé."
ADDED = "Mình đã ghi thêm lời này để tư vấn viên đọc. Bạn cứ viết tiếp nếu còn nhớ thêm gì nhé."

UNHAPPY = (
    "Xin lỗi bạn, mình trả lời chưa trúng. Bạn kể rõ hơn một chút nhé: chuyện gì xảy ra, từ bao "
    "giờ, và bạn muốn biết điều gì."
)
UNHAPPY_PERSON = (
    "Xin lỗi bạn, mình trả lời chưa trúng. Bạn kể rõ hơn một chút, hoặc gặp tư vấn viên để có "
    "người trả lời bạn nhé."
)
UNHAPPY_WAITING = (
    "Xin lỗi bạn, mình trả lời chưa trúng. Tư vấn viên sẽ đọc và trả lời bạn; bạn cứ viết thêm "
    "điều muốn hỏi nhé."
)

FORGET_CASE = "Tư vấn viên cũng sẽ mất cuộc trò chuyện này, và yêu cầu của bạn được rút lại."
FORGET_IN_WORDS = "Bạn nhắn “Xóa hết” để xóa, “Giữ lại” để thôi."
FORGOTTEN_CASE = "Yêu cầu gặp tư vấn viên cũng đã được rút."
DECLINED_CASE = (
    "Được bạn nhé. Cuộc trò chuyện chỉ được giữ đến khi yêu cầu với tư vấn viên xong, rồi tự xóa. "
    "Muốn xóa ngay, bạn gửi /xoa."
)

IN_WELCOME = "Muốn gặp người thật, bạn gửi /tuvan hoặc nhắn “gặp tư vấn viên”."
IN_HELP = "/tuvan hoặc nhắn “gặp tư vấn viên”: gặp người thật"

_FILE_WORDS = {
    FileKind.PHOTO: ("ảnh", "đọc"),
    FileKind.DOCUMENT: ("tài liệu", "đọc"),
    FileKind.VOICE: ("tin thoại", "nghe"),
    FileKind.VIDEO: ("video", "xem"),
}
_FILES_MIXED = ("những thứ bạn gửi", "đọc")
_RECEIVED_CASE = "Mình đã nhận {what}, để tư vấn viên xem; máy chưa {read} được {what}"
_RECEIVED_CAPTIONED = "Mình đã nhận {what}; máy chưa {read} được nên chỉ trả lời theo lời bạn viết."
_RECEIVED = "Mình đã nhận {what}, nhưng máy chưa {read} được. Bạn viết mấy chữ về chuyện này nhé"
WITHHELD = (
    "Ứng dụng không chuyển cho mình nội dung tin này. Bạn viết lại bằng chữ, hoặc chụp ảnh rồi "
    "gửi giúp mình nhé."
)
STICKER = "Mình thấy rồi nhé 🙂 Bạn cần hỏi gì cứ nhắn cho mình."


def handed_over(head: str, outlook: Outlook, *, files: bool, declined: bool, tell: bool) -> str:
    """What a worker is told whose case waits: when, and what they can do.

    ``files``: pictures can be sent here. ``declined``: they did not want the chat kept. ``tell``:
    nobody knows yet what it is about.
    """
    when = [head, _line(outlook)]
    if outlook.opens_at is not None:
        when.append(_OPENS_AT.format(when=spoken(outlook.opens_at)))
    meanwhile = [TELL_US] if tell else []
    meanwhile.append(_MEANWHILE_FILES if files else _MEANWHILE)
    return "\n\n".join(
        [
            " ".join(when),
            " ".join(meanwhile),
            f"{_KEPT_ALTHOUGH if declined else _KEPT} {WITHDRAW}",
        ]
    )


def still_waiting(outlook: Outlook, *, late: bool) -> str:
    """Position and time anew, for someone who asks again. ``late``: the first promise is broken."""
    parts = [_LATE if late else STILL_WAITING, _line(outlook)]
    if outlook.opens_at is not None:
        parts.append(_OPENS_AT.format(when=spoken(outlook.opens_at)))
    return " ".join([*parts, WITHDRAW])


def _line(outlook: Outlook) -> str:
    first = outlook.position <= 1
    line = _FIRST_IN_LINE if first else _IN_LINE.format(position=outlook.position)
    return _ANSWER_BY.format(line=line, when=spoken(outlook.answer_by))


def received(kinds: Collection[FileKind], *, case: bool, captioned: bool, person: bool) -> str:
    """That files came, and that a machine cannot read them. ``person`` can be asked for."""
    words = {_FILE_WORDS[kind] for kind in kinds}
    what, read = words.pop() if len(words) == 1 else _FILES_MIXED
    if case:
        text = _RECEIVED_CASE.format(what=what, read=read)
        return f"{text}." if captioned else f"{text}, bạn viết thêm mấy chữ nhé."
    if captioned:
        return _RECEIVED_CAPTIONED.format(what=what, read=read)
    text = _RECEIVED.format(what=what, read=read)
    return f"{text}, hoặc gặp tư vấn viên để có người xem." if person else f"{text}."
