# SPDX-FileCopyrightText: 2026 lakeops contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The service's ways of saying no. Every one is an exception that knows its wire form."""

from __future__ import annotations

import typing as t


class Refusal(Exception):
    """Any answer that is not a success; ``status`` is the HTTP status."""

    status: int = 500

    def body(self) -> dict[str, t.Any]:
        raise NotImplementedError

    @property
    def headers(self) -> dict[str, str]:
        return {}


class ApiError(Refusal):
    """The ordinary envelope: error_code, message and, for Unity Catalog, details."""

    def __init__(
        self,
        status: int,
        error_code: str | int,
        message: str,
        *,
        details: list[dict[str, t.Any]] | None = None,
        headers: dict[str, str] | None = None,
    ) -> None:
        super().__init__(message)
        self.status, self.error_code, self.message = status, error_code, message
        self.details, self._headers = details, headers or {}

    def body(self) -> dict[str, t.Any]:
        body: dict[str, t.Any] = {"error_code": self.error_code, "message": self.message}
        if self.details:
            body["details"] = self.details
        return body

    @property
    def headers(self) -> dict[str, str]:
        return self._headers


class BadTarget(Refusal):
    """A path that no service answers for: one field and no code (apache/airflow#60444)."""

    status = 404

    def __init__(self, path: str) -> None:
        super().__init__(path)
        self.path = path

    def body(self) -> dict[str, t.Any]:
        return {"error": f"Bad Target: {self.path}"}


class ScimError(Refusal):
    """The SCIM envelope; ``scim_type`` is often absent in the real service."""

    def __init__(self, status: int, detail: str, scim_type: str | None = None) -> None:
        super().__init__(detail)
        self.status, self.detail, self.scim_type = status, detail, scim_type

    def body(self) -> dict[str, t.Any]:
        body = {
            "schemas": ["urn:ietf:params:scim:api:messages:2.0:Error"],
            "detail": self.detail,
            "status": str(self.status),
        }
        if self.scim_type:
            body["scimType"] = self.scim_type
        return body


class SqlError(Exception):
    """A statement that failed. Carried by HTTP 200 on both SQL paths.

    ``error_class`` is the bracketed Spark error class (None for older forms without one); ``context`` follows the
    SQLSTATE: the place in the statement, as Spark shows it.
    """

    def __init__(self, error_class: str | None, sqlstate: str | None, text: str, context: str = "") -> None:
        self.error_class, self.sqlstate = error_class, sqlstate
        message = f"[{error_class}] {text}" if error_class else text
        if sqlstate:
            message = f"{message} SQLSTATE: {sqlstate}"
        message += context
        self.message = message
        super().__init__(message)
