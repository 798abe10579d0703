"""What is kept of one reader and one edition: their delivery, what they wanted, what they got, and when."""

import email
import email.policy
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import BindParameter, Connection, bindparam, exists, func, select

from digest.content.tables import ArticleRow, AuthorRow
from digest.content.values import ArticleState
from digest.delivery.tables import DeliveryRow, PlanRow
from digest.delivery.values import Claimed
from digest.editions import store
from digest.editions.plan import Planner
from digest.editions.pool import Pool
from digest.editions.pool_record import from_bytes
from digest.editions.record import from_json
from digest.editions.store import StoredEdition
from digest.editions.values import Choice
from digest.local_time import LocalTime
from digest.newsletter import Newsletter
from digest.personal import Writer, addressed
from digest.settings import Settings
from digest.sheets import NothingLeft, Sheets
from digest.why.arrival import Arrival, arrival
from digest.why.because import Delivery
from digest.why.contents import Contents, Personal, Told, ids, plain
from subscribers.people import Known, Record
from subscribers.profile import Held
from subscribers.suppression import Listed
from subscribers.tables import Subscription
from subscribers.wish import Wish


@dataclass(frozen=True, slots=True, kw_only=True)
class Language:
    """In which language the frame is, and why."""

    frame: str
    why: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Evidence:
    """What there is to tell of a reader who subscribes or did. `wish`: what they wanted when they were queued, else what they want now."""

    known: Known
    held: Held
    history: tuple[Record, ...]
    suppression: Listed | None
    cadence: str
    delivery: Delivery | None
    wish: Wish
    subject: str
    arrival: Arrival
    language: Language | None
    contents: Contents


class Asked:
    """One reader and one edition, as they are stored."""

    def __init__(self, connection: Connection, settings: Settings, newsletter: Newsletter, edition: StoredEdition, known: Known) -> None:
        self._connection, self._settings, self._newsletter, self._edition, self._known = connection, settings, newsletter, edition, known
        self._delivery = _delivery(connection, edition.id, known)
        self._stored = store.load_bytes(connection, edition.id)
        self._pool: Pool | None = from_bytes(self._stored.pool) if self._stored.pool else None
        self._wish = Wish.parse(self._delivery.plan if self._delivery else known.wish)
        self._reader: Claimed = addressed(known)._replace(plan=self._wish.key, due=self._delivery.due if self._delivery else None)

    def evidence(self, held: Held, history: tuple[Record, ...], barred: Listed | None) -> Evidence:
        drawn = bool(self._stored.body)
        return Evidence(
            known=self._known,
            held=held,
            history=history,
            suppression=barred,
            cadence=self._newsletter.cadence_of(held.cadence),
            delivery=self._delivery,
            wish=self._wish,
            subject=self._subject() if drawn and self._delivery else "",
            arrival=arrival(self._readers_time(), self._edition.goes_at, self._known.time_zone, self._known.hour, self._due()),
            language=self._language() if drawn else None,
            contents=self._contents() if drawn and (self._delivery or self.has_nothing_new()) else Contents(),
        )

    def had_nothing_new(self) -> bool:
        """For whoever wanted, when it was queued, what this reader wants."""
        its = (PlanRow.edition_id == self._edition.id, PlanRow.key == self._known.wish, PlanRow.empty)
        return bool(self._known.wish and self._connection.scalar(select(exists().where(*its))))

    def has_nothing_new(self) -> bool:
        return self._pool is not None and Planner(self._pool).plan(self._wish) is None

    def _due(self) -> datetime | None:
        """When they were queued for, as far as that is still known."""
        return self._delivery.due if self._delivery and not self._delivery.tries else None

    def _readers_time(self) -> LocalTime:
        time = self._newsletter.readers_time
        return time.at_once if self._edition.moved_to else time

    def _sheets(self) -> Sheets:
        return Sheets(self._newsletter, self._settings, self._edition.slot, self._stored)

    def _subject(self) -> str:
        writer = Writer(self._newsletter, self._settings, keys=self._settings.keys(), slot=self._edition.slot, stored=self._stored)
        try:
            mail = writer.envelope(self._reader).data
        except NothingLeft:
            return ""
        return str(email.message_from_bytes(mail, policy=email.policy.default)["Subject"])

    def _language(self) -> Language:
        theirs, ours = self._reader.language, self._newsletter.language
        frame = self._sheets().language(theirs)
        if not theirs:
            return Language(frame=frame, why="the newsletter’s: they set none")
        if frame.partition("-")[0].casefold() == theirs.partition("-")[0].casefold():
            return Language(frame=frame, why=f"they read {theirs}" if frame != theirs else "their own")
        return Language(
            frame=frame, why=f"the newsletter’s: they read {theirs}, and it was not drawn in that" if frame == ours else f"the nearest to {theirs}"
        )

    def _contents(self) -> Contents:
        choice: Choice = from_json(store.load_choice(self._connection, self._edition.id))
        articles = _articles(self._connection, ids(self._pool, choice))
        if self._pool is None:
            return plain(choice, articles)
        return Personal(self._pool, self._wish, self._sheets().plan(self._reader), choice, articles).contents()


def _delivery(connection: Connection, edition_id: int, known: Known) -> Delivery | None:
    names = ("state", "begun_at", "settled_at", "relay", "code", "text")
    query = select(
        func.coalesce(PlanRow.key, "").label("plan"),
        DeliveryRow.next_at.label("due"),
        DeliveryRow.attempts.label("tries"),
        *(getattr(DeliveryRow, name) for name in names),
    ).outerjoin_from(DeliveryRow, PlanRow, PlanRow.id == DeliveryRow.plan_id)
    query = query.join(Subscription, Subscription.id == DeliveryRow.subscription_id)
    theirs = (DeliveryRow.edition_id == edition_id, Subscription.public_id == known.subscription_token)
    row = connection.execute(query.where(*theirs)).one_or_none()
    return Delivery(**row._mapping) if row else None


def _articles(connection: Connection, wanted: set[int]) -> dict[int, Told]:
    # The numbers stand in the statement as they are: there may be more of them than a statement has room for parameters.
    numbers: BindParameter[list[int]] = bindparam("ids", sorted(wanted), expanding=True, literal_execute=True)
    columns = (ArticleRow.id, ArticleRow.title, ArticleRow.section, func.coalesce(AuthorRow.name, "").label("author"), ArticleRow.state)
    query = select(*columns).outerjoin(AuthorRow, AuthorRow.id == ArticleRow.author_id).where(ArticleRow.id.in_(numbers))
    return {
        row.id: Told(title=row.title, section=row.section, author=row.author, published=row.state is ArticleState.PUBLISHED)
        for row in connection.execute(query)
    }
