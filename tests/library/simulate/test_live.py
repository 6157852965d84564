"""Live mode in step with a clock that the test turns."""

from kuangan.library.simulate import fleet, live, outage, uploads

START = 1_773_100_800_000
RHYTHM = 10
MINES = fleet(seed=1, count=4, points=20)


class Clock:
    """A clock that only `sleep` moves; `stall` makes one sleep last longer; it stops after `until` ms."""

    def __init__(self, until, stall=None):
        self.now, self.until, self.stall = START, START + until, stall

    def __call__(self):
        return self.now

    def sleep(self, seconds):
        self.now += round(seconds * 1000)
        if self.stall and self.now >= START + self.stall[0]:
            self.now += self.stall[1]
            self.stall = None

    def stop(self):
        return self.now > self.until


def run(clock, post, faults=()):
    live(MINES, RHYTHM, post, clock, clock.sleep, clock.stop, faults)


def expected(until, faults=()):
    """What is due by `until`; a mine's definitions go before its first sample."""
    files = [one for mine in MINES for one in uploads(mine, START, START + until, RHYTHM, faults, opening=True)]
    return sorted((one.name, one.payload) for one in files if one.send_time <= START + until)


def test_files_are_posted_as_they_fall_due():
    clock, arrivals = Clock(59_000), []
    run(clock, lambda files: arrivals.extend((clock.now, name) for name, _ in files))
    assert {name.split("_")[0] for _, name in arrivals} == {mine.code for mine in MINES}
    assert len({now % 10_000 for now, _ in arrivals}) > 1
    readings = [(now, name) for now, name in arrivals if "_CDSS_" in name]
    assert len(readings) == 4 * 6
    assert [now for now, _ in arrivals] == sorted(now for now, _ in arrivals)


def test_each_mine_sends_its_definitions_first():
    arrivals = []
    run(Clock(30_000), lambda files: arrivals.extend(name for name, _ in files))
    for mine in MINES:
        kinds = [name.split("_")[1] for name in arrivals if name.startswith(mine.code)]
        assert kinds[:3] == ["FZDY", "CDDY", "CDSS"]


def test_a_stall_is_caught_up_without_a_gap():
    arrivals = []
    run(Clock(1_900_000, stall=(20_000, 1_500_000)), arrivals.extend)
    assert sorted(arrivals) == expected(1_900_001)


def test_nothing_is_lost_while_the_gateway_is_away():
    clock, arrivals = Clock(90_000), []

    def post(files):
        if START + 20_000 < clock.now < START + 50_000:
            raise ConnectionError
        arrivals.extend(files)

    run(clock, post)
    assert sorted(arrivals) == expected(90_001)
    assert len({name for name, _ in arrivals}) == len(arrivals)


def test_a_scripted_outage_is_silent_live_too():
    fault = outage(MINES[0], START + 20_000, minutes=0.5)
    clock, arrivals = Clock(80_000), []
    run(clock, lambda files: arrivals.extend((clock.now, name) for name, _ in files), [fault])
    times = [now for now, name in arrivals if name.startswith(MINES[0].code)]
    assert not any(fault.start <= now < fault.end for now in times)
    assert max(times) >= fault.end
