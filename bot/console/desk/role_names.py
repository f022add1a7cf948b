"""What the roles are called by people."""

from __future__ import annotations

from bot.cases.states import Role

ROLES: dict[Role, str] = {
    Role.COUNSELLOR: "Tư vấn viên",
    Role.LEAD: "Trưởng nhóm",
    Role.ADMIN: "Quản trị viên",
}
