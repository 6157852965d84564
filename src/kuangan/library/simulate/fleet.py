"""A fleet of mines over time, and sites beside it: history in batches, or live in step with a clock that is passed in."""

from collections.abc import Callable, Iterator, Sequence

import polars as pl

from kuangan.library.simulate.faults import Fault
from kuangan.library.simulate.mine import SimulatedMine, build_mine
from kuangan.library.simulate.register import register
from kuangan.library.simulate.sites import EVERY_S, Site, site_uploads
from kuangan.library.simulate.writer import Upload, uploads

BATCH_RECORDS = 250_000
POST_FILES = 200
CATCH_UP_MS = 600_000
Post = Callable[[list[tuple[str, bytes]]], None]


def fleet(seed: int = 1, count: int = 30, points: int = 55, crew: int = 0, states: bool = False) -> list[SimulatedMine]:
    """Producing underground coal mines of the register, spread over counties, gassy ones first; the same for the same seed.

    When more are wanted than produce, other underground mines follow, coal before non-coal. `crew` people work below ground
    in each; with 0 the mines send no positions. With `states` they send states of stations and five-minute statistics too.
    """
    table = register(seed)
    producing = table.filter(kind="underground_coal", state="producing")
    chosen = producing.unique("county_code", keep="first")
    gassy = chosen.sort(chosen["gas_grade"] == "low", "code", maintain_order=True)
    if gassy.height < count:
        others = table.filter(pl.col("kind").str.starts_with("underground_")).sort("kind", maintain_order=True)
        rest = pl.concat([producing, others]).unique("code", keep="first", maintain_order=True)
        gassy = gassy.vstack(rest.join(gassy, on="code", how="anti", maintain_order="left"))
    grade = pl.col("gas_grade").replace("", None).fill_null("low")
    rows = gassy.head(count).sort("code").select("code", "name", grade).iter_rows()
    return [
        build_mine(code, name, seed=seed, points=points, gas_grade=grade, crew=crew, states=states)
        for code, name, grade in rows
    ]


def _made(
    mines: Sequence[SimulatedMine], start: int, end: int, rhythm: int, faults: Sequence[Fault], opening: bool
) -> list[Upload]:
    return [file for mine in mines for file in uploads(mine, start, end, rhythm, faults, opening)]


def _split(pending: list[Upload], now: int) -> tuple[list[Upload], list[Upload]]:
    """Files due before `now` in order of sending, and those still on the way."""
    ordered = sorted(pending, key=lambda upload: upload.send_time)
    due = [upload for upload in ordered if upload.send_time < now]
    return due, ordered[len(due) :]


def history(
    mines: Sequence[SimulatedMine],
    start: int,
    end: int,
    rhythm: int,
    faults: Sequence[Fault] = (),
    sites: Sequence[Site] = (),
    every: int = EVERY_S,
) -> Iterator[list[Upload]]:
    """Everything the fleet sent about [start, end) (ms), in order of sending, in batches of some 250,000 records.

    `sites` send their readings every `every` seconds.
    """
    per_step = max(sum(len(mine.points) for mine in mines), 1)
    step = max(BATCH_RECORDS // per_step, 1) * rhythm * 1000
    pending: list[Upload] = []
    for begin in range(start, end, step):
        until = min(begin + step, end)
        pending += _made(mines, begin, until, rhythm, faults, begin == start)
        pending += [file for site in sites for file in site_uploads(site, begin, until, every, begin == start)]
        due, pending = _split(pending, until)
        yield due
    if pending:
        yield sorted(pending, key=lambda upload: upload.send_time)


def live(
    mines: Sequence[SimulatedMine],
    rhythm: int,
    post: Post,
    clock: Callable[[], int],
    sleep: Callable[[float], object],
    stop: Callable[[], bool],
    faults: Sequence[Fault] = (),
    sites: Sequence[Site] = (),
) -> None:
    """Post files as they fall due, mines staggered within the rhythm, until `stop()`.

    `clock` gives Unix ms. After a stall everything missed is made and sent in order. When `post` raises OSError (gateway
    away) nothing is lost: the batch stays first in line and is offered again after a second.
    """
    made = clock()
    opening = dict.fromkeys((mine.code for mine in mines), True)
    pending: list[Upload] = []
    while not stop():
        now = clock()
        until = min(now + 1, made + CATCH_UP_MS)
        if until > made:
            pending += _live_files(mines, made, until, rhythm, faults, opening)
            pending += [file for site in sites for file in site_uploads(site, made, until)]
            made = until
        due, pending = _split(pending, made)
        unsent = _send(due, post)
        pending = unsent + pending
        if made > now:
            sleep(1.0 if unsent else (1000 - clock() % 1000) / 1000)


def _live_files(
    mines: Sequence[SimulatedMine], start: int, end: int, rhythm: int, faults: Sequence[Fault], opening: dict[str, bool]
) -> list[Upload]:
    files: list[Upload] = []
    for mine in mines:
        own = uploads(mine, start, end, rhythm, faults, opening[mine.code])
        opening[mine.code] = opening[mine.code] and not own
        files += own
    return files


def _send(due: list[Upload], post: Post) -> list[Upload]:
    """Post in batches; what could not be posted comes back."""
    for at in range(0, len(due), POST_FILES):
        try:
            post([(upload.name, upload.payload) for upload in due[at : at + POST_FILES]])
        except OSError:
            return due[at:]
    return []
