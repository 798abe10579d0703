"""The `Look`: everything of the settings that a template may show, as one frozen value."""

from dataclasses import dataclass, field, replace

from markupsafe import Markup

from digest.newsletter import Newsletter
from digest.publication import Colours, Publication
from digest.render.language import direction


@dataclass(frozen=True, slots=True, kw_only=True)
class Look:
    """`title` and `description` are the newsletter's, `name` and what follows it the publication's.

    `language` is the reader's, for all that the theme says itself; `content_language` that of titles, excerpts and quotes, empty where
    it is the same.
    """

    title: str
    description: str = ""
    name: str
    url: str = ""
    postal_address: str = ""
    logo: str = ""
    logo_dark: str = ""
    logo_width: int = 0  # pixels, 0 where it is not known
    logo_height: int = 0
    colours: Colours = field(default_factory=Colours)
    language: str = "en"
    content_language: str = ""
    zone: str = "UTC"
    theme: str = "classic"

    @classmethod
    def of(cls, publication: Publication, newsletter: Newsletter, language: str = "") -> "Look":
        """The look of one newsletter of a publication, to be read in `language` or, without one, in the newsletter's own."""
        return replace(
            cls.of_house(publication, language or newsletter.language),
            title=newsletter.title,
            description=newsletter.description,
            content_language=newsletter.language,
            zone=newsletter.slot_zone,
            theme=newsletter.theme,
        )

    @classmethod
    def of_house(cls, publication: Publication, language: str) -> "Look":
        """The look of what belongs to no one newsletter, to be read in `language`."""
        return cls(
            title=publication.name,
            name=publication.name,
            url=publication.url,
            postal_address=publication.postal_address,
            logo=publication.logo,
            logo_dark=publication.logo_dark,
            logo_width=publication.logo_width,
            logo_height=publication.logo_height,
            colours=publication.colours,
            language=language,
            zone=publication.time_zone,
        )

    @property
    def direction(self) -> str:
        return direction(self.language)

    @property
    def theirs(self) -> Markup:
        """The attributes of an element that holds an article's own words, where the reader's language is another than theirs."""
        if self.content_language in ("", self.language):
            return Markup()
        return Markup(' lang="{}" dir="auto"').format(self.content_language)

    @property
    def joined(self) -> bool:
        """Whether letters may occur that are joined and have no slanted form, as Arabic ones."""
        return "rtl" in (self.direction, direction(self.content_language or self.language))

    @property
    def start(self) -> str:
        """The side a line begins at: CSS's logical sides are not understood by most mail programs."""
        return "right" if self.direction == "rtl" else "left"

    @property
    def end(self) -> str:
        return "left" if self.direction == "rtl" else "right"

    @property
    def arrow(self) -> str:
        return "←" if self.direction == "rtl" else "→"
