"""Pages as tests read them."""

from __future__ import annotations

from html.parser import HTMLParser

VOID = ("meta", "img", "br")


class Page(HTMLParser):
    """The tags with their attributes, and all text; an element that is not closed is an error."""

    def __init__(self) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str]]] = []
        self.text = ""
        self.open: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, {name: value or "" for name, value in attrs}))
        if tag not in VOID:
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        self.text += data


def parsed(text: str) -> Page:
    """A page, all of whose elements are closed."""
    page = Page()
    page.feed(text)
    assert page.open == []
    return page


def attributes_of(page: Page, tag: str) -> list[dict[str, str]]:
    """The attributes of every element with this tag."""
    return [attributes for name, attributes in page.tags if name == tag]
