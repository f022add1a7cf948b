"""A law beside its cards: what has one, what lacks one, who may look."""

from __future__ import annotations

import pytest
from starlette.testclient import TestClient
from test_console_desk import HOST, Browser, _visible, client, house, lan

from bot.cases.states import Role
from bot.store.database import Database
from tests.made_desk import DeskHouse
from tests.unit.made_library import LABOUR

__all__ = ["client", "house", "lan"]  # fixtures


@pytest.fixture
def lead(house: DeskHouse, client: TestClient) -> Browser:
    return Browser(house, house.staff("Mai", Role.LEAD), client)


def test_a_law_stands_beside_its_cards_with_the_gaps_marked(lead: Browser) -> None:
    page = lead.get("/tu-van/the", **{"accept-language": "vi"})
    seen = _visible(page)
    assert "điều và" in seen
    assert "khoản đang áp dụng đã có thẻ" in seen
    chosen = lead.client.get("/tu-van/the", params={"luat": LABOUR})
    assert "chưa có thẻ" in _visible(chosen.text)
    assert "1 thẻ" in _visible(chosen.text) or "2 thẻ" in _visible(chosen.text)
    gaps = lead.client.get("/tu-van/the", params={"luat": LABOUR, "thieu": "1"}).text
    assert gaps.count("<details") < chosen.text.count("<details")
    assert gaps.count("<details")


def test_an_article_opens_with_its_wording_and_its_cards(lead: Browser) -> None:
    told = lead.client.get("/tu-van/the/dieu", params={"luat": LABOUR, "dieu": "106"})
    assert told.status_code == 200
    library = lead.house.context.library
    assert library is not None
    cards = [
        card
        for card in library.library.cards.values()
        if (wording := card.wording(lead.house.at.date()))
        and any((ref.law, ref.article) == (LABOUR, "106") for ref in wording.refs)
    ]
    assert cards
    for card in cards:
        assert card.title in _visible(told.text)
    assert "Điều 106" in _visible(told.text)


@pytest.mark.parametrize(
    "asked", [{"luat": "1/1900/QH1", "dieu": "1"}, {"luat": LABOUR, "dieu": "999"}, {}]
)
def test_what_is_not_there_is_not_found(lead: Browser, asked: dict[str, str]) -> None:
    assert lead.client.get("/tu-van/the/dieu", params=asked).status_code == 404


def test_a_counsellor_is_not_shown_it(lan: Browser) -> None:
    assert lan.client.get("/tu-van/the").status_code == 403
    assert lan.client.get("/tu-van/the/dieu").status_code == 403
    assert "Luật và thẻ" not in lan.get("/tu-van")


def test_without_a_library_the_page_says_so(database: Database) -> None:
    bare = DeskHouse(database, law=False)
    with TestClient(bare.app, HOST) as browser:
        lead = Browser(bare, bare.staff("Mai", Role.LEAD), browser)
        assert "chưa có kho luật" in _visible(lead.get("/tu-van/the"))
