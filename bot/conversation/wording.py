"""All words of the assistant itself. No rule of law and no figure of law stands here."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

AGREE = "Đồng ý lưu"
DECLINE = "Không lưu"
FORGET_YES = "Xóa hết"
FORGET_NO = "Giữ lại"
FULL_TEXT = "Xem nguyên văn"

MACHINE_NOTICE = "Trả lời tự động, không thay luật sư."
STEPS = "Bạn nên làm:"
SOURCES_HEAD = "Căn cứ:"

_WELCOME = (
    "Chào bạn, mình là Cầu Nối, máy trả lời tự động về luật lao động, không phải luật sư.\n\n"
    "Cho mình lưu cuộc trò chuyện {days} ngày để bạn hỏi tiếp nhé? Mình không gửi cho công ty của "
    "bạn. Bạn chưa chọn thì mình chỉ giữ một ngày; gửi /xoa là xóa hết."
)
_CONSENT_IN_WORDS = "Bạn nhắn “Đồng ý” hoặc “Không lưu” nhé."
_AGREED = (
    "Cảm ơn bạn. Mình sẽ lưu cuộc trò chuyện này {days} ngày. Muốn xóa sớm hơn, bạn gửi /xoa là "
    "xong."
)
DECLINED = (
    "Được bạn nhé, mình không lưu. Những gì bạn viết chỉ được giữ đủ lâu để trả lời bạn, rồi tự "
    "xóa trong vòng một giờ. Bạn cứ hỏi tiếp như bình thường."
)
INVITE = (
    "Bạn đang vướng chuyện gì ở chỗ làm? Cứ viết như nói chuyện thường ngày, không dấu cũng được."
)
HELP = (
    "Bạn cứ kể chuyện của mình bằng lời thường ngày, có dấu hay không dấu mình đều đọc được. "
    "Chẳng hạn:\n"
    "- Xưởng khất lương sang tháng sau thì em đòi thế nào?\n"
    "- Em muốn xin nghỉ thì phải báo trước bao lâu?\n"
    "- Sắp sinh em bé thì em được nghỉ mấy tháng?\n\n"
    "Bạn ghi thêm loại hợp đồng, làm được bao lâu và chuyện xảy ra khi nào thì câu trả lời sẽ sát "
    "hơn. Hỏi thẳng “điều 98” cũng được.\n\n"
    "/nguon: mình đang dùng những văn bản nào\n"
    "/xoa: xóa hết cuộc trò chuyện này"
)
HELLO = "Chào bạn, mình nghe đây. Bạn đang vướng chuyện gì ở chỗ làm?"
THANKS = "Không có gì đâu bạn. Có gì chưa rõ, bạn cứ hỏi tiếp nhé."
OK = "Vâng. Khi nào cần hỏi thêm, bạn cứ nhắn cho mình."
NOTHING_SAID = (
    "Mình chưa đọc được câu hỏi nào trong tin này. Bạn viết giúp mình vài chữ về chuyện bạn đang "
    "gặp nhé."
)
NO_SUCH_NUMBER = "Mình không thấy số đó trong các lựa chọn. Bạn chọn từ 1 đến {count} nhé."
LONE_NUMBER = "Bạn viết thêm vài chữ giúp mình nhé, chỉ một con số thì mình chưa hiểu ý bạn."
EDITED = "Mình đã đọc lại theo lời bạn vừa sửa."
GROUP = (
    "Để giữ kín chuyện của bạn, mình chỉ trả lời khi bạn nhắn riêng cho mình. Bạn mở khung trò "
    "chuyện riêng với mình rồi hỏi nhé."
)
OLD_CHOICE = (
    "Nút này thuộc về một câu trả lời cũ, mình không còn giữ nữa. Bạn hỏi lại giúp mình nhé."
)
FORGET_ASK = (
    "Bạn muốn xóa hết cuộc trò chuyện này? Mọi tin nhắn hai bên sẽ mất ngay và không lấy lại được."
)
FORGOTTEN = (
    "Mình đã xóa hết cuộc trò chuyện. Mình không còn giữ nội dung nào bạn đã viết. Tin nhắn còn "
    "hiện trong ứng dụng trên máy bạn thì bạn tự xóa thêm nhé."
)
FORGET_CANCELLED = "Mình vẫn giữ cuộc trò chuyện. Bạn hỏi tiếp nhé."
NO_FULL_TEXT = (
    "Mình chưa có câu trả lời nào để xem nguyên văn. Bạn hỏi trước, hoặc viết thẳng điều luật cần "
    "xem, ví dụ “điều 98”."
)
TEXT_NOT_HELD = "Mình chưa có bản chính thức của: {labels}. Bạn tra theo số hiệu này nhé."
TEXT_FOLDS_OPEN = "Nguyên văn điều luật nằm ngay dưới đây, bạn bấm vào để mở ra."
CUT = "Tin của bạn hơi dài nên mình chỉ đọc được {limit} ký tự đầu. Nếu thiếu ý, bạn nhắn thêm nhé."
TOO_LONG = (
    "Tin này dài quá nên mình chưa đọc, chỉ giữ lại mấy dòng đầu. Bạn tóm lại giúp mình "
    "trong vài câu: chuyện gì, từ bao giờ, và bạn muốn biết điều gì."
)
FLOOD = (
    "Bạn nhắn nhiều tin liền nhau nên mình trả lời hơi chậm. Mình không bỏ sót tin nào, sẽ trả lời "
    "lần lượt; gom vào một tin thì nhanh hơn bạn nhé."
)
FAILED = (
    "Xin lỗi bạn, mình đang trục trặc nên chưa trả lời được câu này. Lỗi ở mình, không phải ở bạn. "
    "Bạn gửi lại câu hỏi sau vài phút; nếu chuyện gấp, bạn gặp cán bộ công đoàn nơi làm việc để "
    "được giúp ngay."
)
NOTHING_FOUND = (
    "Câu này mình chưa có lời đáp chắc chắn. Bạn thử viết lại rõ hơn: chuyện gì xảy ra, từ bao "
    "giờ, hợp đồng loại nào."
)
SOURCES = "Mình trả lời dựa trên các văn bản sau:"
NO_SOURCES = (
    "Hiện mình chưa nạp được văn bản nào, nên câu trả lời có thể thiếu. Bạn hỏi lại sau nhé."
)
PICK = "Bạn nhắn số để chọn:"


def amount(number: int) -> str:
    """A count as Vietnamese write it: 4.000."""
    return f"{number:,}".replace(",", ".")


def welcome(days: int, in_words: bool, person: str = "") -> str:
    """First words: who we are, what is kept and how long. ``in_words``: there are no buttons.

    ``person``: how to reach a person, where there may be one.
    """
    text = _WELCOME.format(days=days)
    if in_words:
        text = f"{text} {_CONSENT_IN_WORDS}"
    return f"{text}\n\n{person}" if person else text


def agreed(days: int) -> str:
    """The reply to a yes."""
    return _AGREED.format(days=days)


def as_of(day: date) -> str:
    """As of which day the answer holds."""
    return f"Tính đến ngày {day:%d/%m/%Y}."


def folded_sources(day: date) -> str:
    """The line above the clauses that fold open."""
    return f"Căn cứ, tính đến ngày {day:%d/%m/%Y} (bấm vào để đọc nguyên văn):"


def question_of_several(number: int, count: int, question: str) -> str:
    """What stands above the answer to one of several questions."""
    return f"Câu {number}/{count}: “{question}”"


def bullets(head: str, lines: Sequence[str]) -> str:
    """A heading and its lines. Dashes, so that numbers stay free for choices."""
    return "\n".join([head, *(f"- {line}" for line in lines)])


def sources_line(labels: Sequence[str]) -> str:
    """The clauses an answer rests on."""
    if len(labels) == 1:
        return f"{SOURCES_HEAD} {labels[0]}"
    return bullets(SOURCES_HEAD, labels)


def numbered(labels: Sequence[str]) -> str:
    """Choices as a list, for channels without buttons."""
    return "\n".join([PICK, *(f"{i}. {label}" for i, label in enumerate(labels, 1))])
