"""The answer to a question as a document: one page, and how to go on."""

from __future__ import annotations

from dataclasses import replace
from typing import Any, Final

from sqlalchemy import Connection

from compliance.audit import cursor
from compliance.audit.question import Question
from compliance.audit.search import Page
from compliance.store import tree
from compliance.store.event_scan import Walk

SCHEMA: Final = "compliance/audit-events/2"


def document(
    connection: Connection, key: bytes, question: Question, walk: Walk, page: Page
) -> dict[str, Any]:
    """A page as JSON, schema compliance/audit-events/2.

    ``key`` is the deployment key, under which the cursor of the next page is made.
    """
    behind = None if page.after is None else replace(walk, after=page.after)
    return {
        "schema": SCHEMA,
        "size": page.size,
        "waiting": tree.size(connection) - page.size + tree.unsealed(connection),
        "events": [{"leaf_index": hit.leaf_index, "event": hit.document()} for hit in page.hits],
        "next": None if behind is None else cursor.write(key, question, behind),
    }
