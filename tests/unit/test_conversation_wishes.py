"""Wishes for a person, told from questions about persons."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from bot.conversation.times import VIETNAM, spoken
from bot.conversation.wishes import (
    Request,
    asks_for_person,
    asks_for_turn,
    dissatisfied,
    withdraws,
)


@pytest.mark.parametrize(
    "text",
    [
        "cho gặp người thật",
        "gap tu van vien",
        "nói chuyện với người",
        "gặp cán bộ công đoàn",
        "tôi muốn gặp luật sư",
        "cho em gặp tư vấn viên được không ạ",
        "tư vấn viên ơi",
        "người thật",
        "cho tôi nói chuyện với người thật đi",
        "có ai ở đây không",
        "có người thật không vậy",
        "tôi không muốn nói chuyện với máy",
        "muốn gặp tư vấn viên thì làm sao",
        "ad ơi cho em gặp tư vấn viên với",
        "chuyển cho tư vấn viên",
        "chuyển tôi sang người thật",
        "Em muốn được gặp cán bộ công đoàn ạ",
        "cần gặp luật sư gấp",
        "mình cần người tư vấn",
        "gặp người",
        "cho toi gap nguoi that ngay",
        "lien he tu van vien",
        "Gặp tư vấn viên!",
        "Chào anh chị, cho em gặp tư vấn viên",
        "Trả lời gì kỳ vậy, cho gặp người thật",
        "làm sao để gặp tư vấn viên",
        "kết nối với tư vấn viên giúp em",
        "tôi muốn nói chuyện trực tiếp với luật sư",
        "bạn có thể cho tôi gặp tư vấn viên không",
    ],
)
def test_plain_requests(text: str) -> None:
    assert asks_for_person(text) == Request()


@pytest.mark.parametrize(
    ("text", "about"),
    [
        (
            "Công ty em nợ lương 3 tháng rồi, cho em gặp tư vấn viên",
            "Công ty em nợ lương 3 tháng rồi",
        ),
        ("cho em gặp tư vấn viên về chuyện bị sa thải", "về chuyện bị sa thải"),
        ("công ty nợ lương cho em gặp tư vấn viên", "công ty nợ lương"),
        ("cho gặp người thật. Tôi bị đuổi việc hôm qua", "Tôi bị đuổi việc hôm qua"),
        ("cho em gap tu van vien cong ty no luong", "cong ty no luong"),
        ("tôi muốn gặp luật sư để hỏi về hợp đồng", "để hỏi về hợp đồng"),
        ("Trả lời gì kỳ vậy. Cho gặp người thật. Lương em bị trừ", "Lương em bị trừ"),
    ],
)
def test_requests_that_say_more(text: str, about: str) -> None:
    assert asks_for_person(text) == Request(about)


@pytest.mark.parametrize(
    "text",
    [
        "người sử dụng lao động",
        "tư vấn viên tính lương sao",
        "người sử dụng lao động là ai",
        "tôi gặp người sử dụng lao động để nói chuyện lương được không",
        "nói chuyện với người quản lý bị đuổi việc",
        "giám đốc không cho tôi gặp luật sư",
        "công ty không cho gặp cán bộ công đoàn thì sao",
        "sa thải có phải gặp luật sư không",
        "tôi đã gặp luật sư rồi",
        "hôm qua em gặp tư vấn viên bảo hiểm",
        "em làm tư vấn viên bảo hiểm bị nợ lương",
        "cho em hỏi tư vấn viên tính lương sao",
        "tư vấn viên có được đóng bảo hiểm không",
        "tôi là tư vấn viên, lương tính sao",
        "gặp người ta",
        "tôi có được gặp luật sư khi bị kỷ luật không",
        "cần gặp luật sư không",
        "không cần gặp tư vấn viên nữa",
        "không muốn gặp tư vấn viên",
        "muốn gặp cán bộ công đoàn thì đến đâu",
        "chuyển người lao động làm việc khác",
        "chuyển sang người khác làm có được không",
        "gặp tai nạn",
        "cần tư vấn về sa thải",
        "người thật sự làm việc có được trả lương không",
        "cho em gặp tư vấn viên bảo hiểm thất nghiệp ở đâu",
        "Sếp bảo tao không ký, cho tôi gặp luật sư thì bị đuổi, vậy đúng luật không",
        "Hôm qua bị lập biên bản, muốn gặp cán bộ công đoàn, nhưng giám đốc không cho",
        "công ty có cho em gặp tư vấn viên không",
        "nhân viên tư vấn bán hàng nghỉ thai sản mấy tháng",
        "cho con nghỉ học",
        "con người",
        "chuyên gia nước ngoài có cần giấy phép không",
        "người lao động muốn gặp người đại diện",
        "cán bộ công đoàn có được nghỉ không",
        "xin nghỉ có cần gặp nhân sự không",
        "nhân viên mới",
        "luật sư",
        "gấp",
        "chuyển việc",
    ],
)
def test_questions_that_only_speak_of_persons(text: str) -> None:
    assert asks_for_person(text) is None


@pytest.mark.parametrize(
    ("text", "asks"),
    [
        ("tới lượt mình chưa", True),
        ("toi luot minh chua", True),
        ("bao giờ có người trả lời", True),
        ("khi nào tư vấn viên trả lời vậy", True),
        ("khi nào được gặp tư vấn viên", True),
        ("sao chưa ai trả lời", True),
        ("sao mãi chưa thấy ai trả lời em", True),
        ("còn bao lâu nữa", True),
        ("đợi lâu quá", True),
        ("chờ tới bao giờ", True),
        ("mình đứng thứ mấy", True),
        ("có ai trả lời chưa", True),
        ("bao giờ công ty trả lời đơn khiếu nại", False),
        ("khi nào được trả lương", False),
        ("đợi lâu quá có được nghỉ không", False),
        ("còn thử việc bao lâu nữa", False),
        ("khi nào nhận lương", False),
    ],
)
def test_asking_how_long_still(text: str, asks: bool) -> None:
    assert asks_for_turn(text) is asks


@pytest.mark.parametrize(
    ("text", "wants_out"),
    [
        ("không cần tư vấn viên nữa", True),
        ("thôi không cần gặp nữa", True),
        ("thôi khỏi gặp", True),
        ("hủy gặp tư vấn viên", True),
        ("rút yêu cầu giúp em", True),
        ("không cần báo trước", False),
        ("hủy hợp đồng", False),
        ("không muốn làm nữa", False),
        ("không phải người lao động", False),
    ],
)
def test_no_longer_wanting_a_person(text: str, wants_out: bool) -> None:
    assert withdraws(text) is wants_out


@pytest.mark.parametrize(
    ("text", "unhappy"),
    [
        ("không đúng ý tôi", True),
        ("khong dung y toi", True),
        ("trả lời gì kỳ vậy", True),
        ("chưa rõ", True),
        ("vẫn chưa rõ lắm", True),
        ("sai rồi", True),
        ("bạn trả lời sai rồi", True),
        ("không phải câu tôi hỏi", True),
        ("vô dụng", True),
        ("công ty sai rồi", False),
        ("không đúng hợp đồng", False),
        ("không rõ thời hạn hợp đồng", False),
        ("dạ", False),
        ("không", False),
    ],
)
def test_an_answer_that_did_not_help(text: str, unhappy: bool) -> None:
    assert dissatisfied(text) is unhappy


def test_unsure_is_no_complaint_when_we_asked_something() -> None:
    assert not dissatisfied("chưa rõ", asked_back=True)
    assert dissatisfied("trả lời sai rồi", asked_back=True)


@pytest.mark.parametrize(
    ("at", "words"),
    [
        (datetime(2026, 11, 23, 10, 30, tzinfo=VIETNAM), "10 giờ 30 sáng thứ Hai 23/11"),
        (datetime(2026, 11, 23, 10, 25, 1, tzinfo=VIETNAM), "10 giờ 30 sáng thứ Hai 23/11"),
        (datetime(2026, 11, 23, 3, 30, tzinfo=UTC), "10 giờ 30 sáng thứ Hai 23/11"),
        (datetime(2026, 11, 23, 10, 56, tzinfo=VIETNAM), "11 giờ trưa thứ Hai 23/11"),
        (datetime(2026, 11, 23, 13, 5, tzinfo=VIETNAM), "1 giờ 05 chiều thứ Hai 23/11"),
        (datetime(2026, 11, 24, 17, 0, tzinfo=VIETNAM), "5 giờ chiều thứ Ba 24/11"),
        (datetime(2026, 11, 28, 18, 0, tzinfo=VIETNAM), "6 giờ tối thứ Bảy 28/11"),
        (datetime(2026, 11, 28, 23, 58, tzinfo=VIETNAM), "0 giờ sáng Chủ nhật 29/11"),
        (datetime(2026, 12, 31, 22, 0, tzinfo=VIETNAM), "10 giờ đêm thứ Năm 31/12"),
    ],
)
def test_times_as_people_say_them(at: datetime, words: str) -> None:
    assert spoken(at) == words
