"""Where accounts of the platform disagree, or a test wants it otherwise: one switch each."""

from __future__ import annotations

from typing import Literal

from pydantic import BaseModel, ConfigDict, Field


class Switches(BaseModel):
    """May be changed while the stand-in runs; a wrong name or value raises ``ValidationError``."""

    model_config = ConfigDict(validate_assignment=True, extra="forbid")

    envelope: Literal["flat", "wrapped"] = Field(
        default="flat", description="a webhook's body: the event itself, or inside ok/result"
    )
    idle: Literal["http408", "200"] = Field(
        default="http408", description="HTTP status of a poll without news; error_code is 408"
    )
    consumed: Literal["once", "replay"] = Field(
        default="once", description="replay: polls without news give consumed updates again"
    )
    unheard: Literal["kept", "lost"] = Field(
        default="kept", description="lost: what is said while nobody polls never arrives"
    )
    hearing_seconds: float = Field(default=2.0, description="after a poll, somebody still polls")
    poll_names_event: bool = Field(default=True, description="polled updates have event_name")
    webhook_info_none: Literal["404", "empty"] = "404"
    error_status: Literal["same", "200"] = Field(
        default="same", description="200: refusals come as HTTP 200 with ok false"
    )
    echo_self: bool = Field(default=False, description="the bot's own messages come as events")
    display_name: bool = Field(default=False, description="getMe tells display_name too")

    local_webhooks: bool = Field(default=False, description="http and local addresses are taken")
    verification: bool = Field(default=True, description="setWebhook tells how its probe went")
    test_webhook: bool = Field(default=True, description="the method testWebhook exists")
    test_webhook_seconds: float = Field(default=30.0, description="least time between two tests")
    webhook_timeout: float = Field(default=2.0, description="seconds a receiver may take")
    webhook_retries: tuple[float, ...] = Field(
        default=(1.0, 5.0, 15.0), description="seconds before each further attempt"
    )
    webhook_connections: int = Field(default=20, description="deliveries under way at once")

    media_seconds: float | None = Field(default=None, description="life of a media address")
    expired_media: Literal[403, 404] = 403
    hang_seconds: float = Field(default=60.0, description="longest a hanging call is held")

    quota_users: int | None = Field(default=None, description="people a bot may talk to (50)")
    quota_groups: int | None = Field(default=None, description="groups a bot may be in (3)")
    quota_month: int | None = Field(default=None, description="messages a month (3000)")
    quota_counts_inbound: bool = False
