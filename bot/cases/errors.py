"""Why the desk did not do what a counsellor asked. Every message is for the counsellor."""

from __future__ import annotations


class DeskRefused(Exception):
    """Nothing was changed. The message is Vietnamese and says what to do now."""

    message = "Chưa làm được việc này. Bạn tải lại trang rồi thử lại nhé."

    def __init__(self, message: str | None = None) -> None:
        super().__init__(message or self.message)


class CaseGone(DeskRefused):
    """There is no such case."""

    message = "Không tìm thấy hồ sơ này. Bạn quay lại danh sách để chọn hồ sơ khác nhé."


class CaseClosed(DeskRefused):
    """The case was closed before."""

    message = (
        "Hồ sơ này đã khép, chưa có gì được gửi đi. Nếu cần nói tiếp với người lao động, bạn mở "
        "lại hồ sơ trước."
    )


class CaseOpen(DeskRefused):
    """The case is not closed, so that it cannot be opened again."""

    message = "Hồ sơ này đang mở sẵn, bạn không cần mở lại."


class AnotherActive(DeskRefused):
    """The worker has another case already; ``case`` is its id."""

    def __init__(self, case: int) -> None:
        super().__init__(
            f"Người lao động này đang có hồ sơ khác (số {case}) chưa khép. Bạn làm tiếp ở hồ sơ đó."
        )
        self.case = case


class HeldByAnother(DeskRefused):
    """A colleague holds the case; ``name`` is what people read of them."""

    def __init__(self, name: str) -> None:
        super().__init__(
            f"{name} đang giữ hồ sơ này nên chưa có gì được gửi đi. Cần thì bạn nhờ {name} hoặc "
            "trưởng nhóm chuyển hồ sơ cho bạn."
        )
        self.name = name


class NotYours(DeskRefused):
    """Only who holds the case may do this."""

    message = "Bạn chưa giữ hồ sơ này. Bạn bấm nhận hồ sơ trước rồi làm tiếp nhé."


class KeptForAnother(NotYours):
    """The case goes first to ``name``, who had it before."""

    def __init__(self, name: str, until: str) -> None:
        super().__init__(
            f"Hồ sơ này đang dành cho {name}, người đã giúp lần trước, đến {until}. Sau giờ đó ai "
            "nhận cũng được; cần sớm hơn thì nhờ trưởng nhóm giao."
        )
        self.name = name


class ChangedMeanwhile(DeskRefused):
    """The case is not as it was shown when the counsellor decided."""

    message = (
        "Hồ sơ vừa có thay đổi sau khi bạn mở trang, nên chưa có gì được gửi đi. Bạn xem lại phần "
        "mới rồi làm lại nhé; chữ bạn đang viết vẫn còn."
    )


class NotAllowed(DeskRefused):
    """The role does not include this, or the account is no longer active."""

    message = "Tài khoản của bạn không làm được việc này. Bạn nhờ trưởng nhóm hoặc quản trị giúp."


class EmptyReply(DeskRefused):
    """No words."""

    message = "Bạn chưa viết chữ nào. Bạn viết nội dung rồi gửi lại nhé."


class ReplyTooLong(DeskRefused):
    """More words than anybody reads on a phone."""

    def __init__(self, limit: int) -> None:
        shown = f"{limit:,}".replace(",", ".")
        super().__init__(f"Nội dung dài quá {shown} ký tự. Bạn rút gọn giúp nhé.")
        self.limit = limit


class ChatBlocked(DeskRefused):
    """The worker does not let us write any more."""

    message = (
        "Người lao động đã chặn tài khoản của chúng ta nên tin không gửi được. Nội dung chưa được "
        "gửi; khi họ nhắn lại thì bạn trả lời được. Nếu không chờ nữa, bạn khép hồ sơ với kết quả "
        "“không liên lạc được”."
    )


class Unusable(DeskRefused):
    """Something in the request makes no sense: an unknown topic, colleague or message."""
