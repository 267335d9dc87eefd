"""What the traveller learns from a keeper: every access that it was shown, and what it released."""

from dataclasses import replace

from hospes.core import boxes
from hospes.core.bodies import InquiryRequest, NoticesReply
from hospes.core.chain import Entry, EntryKind
from hospes.core.errors import BoxError
from hospes.core.identities import Address, Hash, MemberId
from hospes.core.messages import Inquiry
from hospes.nodes.keeper.answer import seal_notice
from hospes.nodes.keeper.break_glass import BREAK_GLASS_AN_HOUR
from hospes.nodes.keeper.decide import decide
from hospes.nodes.keeper.notices import MAX_NOTICES, KeptNotice
from tests.nodes.keeper.scenes import ACCESS, DOMAIN, Scene, salted
from tests.nodes.keeper.travelling import Company, refused, run, shown, stranger

HOSPITAL, OTHER = MemberId("hospital-evora"), MemberId("hospital-badajoz")


async def known(company: Company) -> None:
    """Leave a standing consent of nothing that matters, so that the keeper knows the journey's notice key."""
    await company.leave(await company.give(company.grant(what=("imaging",))))


def test_a_notice_says_who_asked_and_what_was_released(company: Company) -> None:
    """A release and a refusal both leave a notice that only the traveller's key opens."""

    async def flow() -> None:
        await known(company)
        await company.deposited()
        consent = await company.give(company.grant())
        asked, idle = await company.asked(), await company.asked()
        await company.answer(asked, shown(consent))
        await company.answer(idle)
        notices = await company.notices()
        assert [notice.access for notice in notices] == [asked.access, idle.access]
        assert [notice.released for notice in notices] == [("medication",), ()]
        assert notices[0].time == int(company.clock.now)
        assert await company.notices(first=idle.number) == notices[1:]

    run(flow())


def test_asking_again_leaves_one_notice_unless_the_answer_changed(company: Company) -> None:
    """The same answer to the same entry is told once; after a withdrawal the second answer is told as well."""

    async def flow() -> None:
        await known(company)
        await company.deposited()
        consent = await company.give(company.grant())
        asked = await company.asked()
        await company.answer(asked, shown(consent))
        await company.answer(asked, shown(consent))
        assert len(await company.notices()) == 1
        await company.hand(company.withdrawal(consent))
        await company.answer(asked, shown(consent))
        assert {notice.released for notice in await company.notices()} == {("medication",), ()}

    run(flow())


def test_a_request_with_an_error_leaves_no_notice(company: Company) -> None:
    """Only accesses whose entry stands for them are told; anybody could make up others."""

    async def flow() -> None:
        await known(company)
        await refused(company.answer(await company.asked(member="hospital-badajoz")))
        assert await company.notices() == []

    run(flow())


def test_a_journey_that_is_not_known_gets_boxes_that_nobody_opens(company: Company) -> None:
    """An unknown journey's notice is kept and looks the same, but its key was thrown away."""

    async def flow() -> None:
        asked = await company.asked()
        await company.answer(asked)
        other = Company(company.world, company.directory / "other", "known")
        await known(other)
        await other.answer(await other.asked())
        lengths: list[int] = []
        for one in (company, other):
            (notice,) = one.keeper.holdings.notices.of(one.address, 0)
            lengths.append(len(notice.box))
        assert lengths[0] == lengths[1]
        info = boxes.notice_info(company.domain, company.address, asked.number)
        (notice,) = company.keeper.holdings.notices.of(company.address, 0)
        for secret in (company.journey.notice, company.keys.box):
            try:
                secret.open(notice.box, info)
            except BoxError:
                continue
            raise AssertionError("the box opened")
        other.keeper.close()

    run(flow())


def test_notices_have_one_length_whatever_was_released(company: Company) -> None:
    """The length of a sealed notice does not tell whether anything was released."""

    async def flow() -> None:
        await known(company)
        await company.deposited()
        consent = await company.give(company.grant())
        asked, idle = await company.asked(), await company.asked()
        await company.answer(asked, shown(consent))
        await company.answer(idle)
        first, second = company.keeper.holdings.notices.of(company.address, 0)
        assert len(first.box) == len(second.box)

    run(flow())


def test_the_mark_of_a_notice_tells_nothing_to_who_reads_the_log(company: Company) -> None:
    """Entry and classes are known or guessed; the salt of the access is not, and without it nobody computes a mark."""
    request = Scene().request()
    request = replace(request, box=replace(request.box, access=replace(ACCESS, salt=salted("one"))))
    other = replace(request, box=replace(request.box, access=replace(ACCESS, salt=salted("other"))))
    decision = decide(Scene().request(), Scene().view(), Scene().held, Scene().now)
    notices = [seal_notice(DOMAIN, one, decision, company.keys.box.public, 0) for one in (request, request, other)]
    assert notices[0].mark == notices[1].mark != notices[2].mark


def test_an_inquiry_is_the_travellers_own(company: Company) -> None:
    """Another's signature, another keeper's inquiry, or a clock more than 300 s away get a typed error."""

    async def flow() -> None:
        at = int(company.clock.now)
        mine = Inquiry(company.address, company.keys.account.address, 0, at)

        async def problem(inquiry: Inquiry, signature: bytes | None = None) -> str:
            request = InquiryRequest(inquiry, signature or company.sign(inquiry))
            return (await refused(company.post("notices", request))).problem

        assert await problem(mine, stranger().sign(Hash(bytes(32)))) == "wrong-signature"
        assert await problem(replace(mine, keeper=stranger().address)) == "wrong-signature"
        for apart in (-302, 302):
            assert await problem(replace(mine, at=at + apart)) == "stale"
        for apart in (-299, 299):
            inquiry = replace(mine, at=at + apart)
            reply = await company.post("notices", InquiryRequest(inquiry, company.sign(inquiry)), NoticesReply)
            assert reply.notices == ()

    run(flow())


def test_notices_come_in_bounded_lists(company: Company) -> None:
    """A reply holds at most 1,024 notices; the wallet asks on from the last number that it got."""
    holdings = company.keeper.holdings
    notices = holdings.notices
    with holdings.database.writing():
        for number in range(1, MAX_NOTICES + 3):
            notices.keep(KeptNotice(company.address, number, Hash(bytes(32)), b"box"), 0)
    first = notices.of(company.address, 0)
    assert len(first) == MAX_NOTICES
    assert [one.number for one in notices.of(company.address, first[-1].number)] == [1024, 1025, 1026]
    assert notices.of(company.address, (1 << 64) - 1) == ()


# -------------------------------------------------------------------------------------------------------- break-glass


def _entry(number: int, time: int, journey: bytes = b"\x01") -> Entry:
    kind = EntryKind.ACCESS
    return Entry(Address(journey * 20), number, kind, Address(bytes(20)), Hash(bytes(32)), 1, time)


def test_break_glass_too_often_names_the_member_and_its_entries(company: Company) -> None:
    """The twenty-first break-glass of a member within an hour marks the whole hour for review; showing one again
    counts nothing, other members and older hours do not count, and nobody is refused.
    """
    watch = company.keeper.holdings.break_glass
    for number in range(1, BREAK_GLASS_AN_HOUR + 1):
        assert watch.note(HOSPITAL, _entry(number, 10_000 + number)) == number
    assert watch.note(HOSPITAL, _entry(1, 10_001)) == 0
    assert watch.note(OTHER, _entry(50, 10_050)) == 1
    assert watch.note(HOSPITAL, _entry(60, 10_001 + 3600)) == BREAK_GLASS_AN_HOUR
    assert watch.reviews() == ()
    assert watch.note(HOSPITAL, _entry(61, 10_001 + 3600)) == BREAK_GLASS_AN_HOUR + 1
    reviews = watch.reviews()
    assert {review.member for review in reviews} == {HOSPITAL}
    assert [review.number for review in reviews] == [*range(2, BREAK_GLASS_AN_HOUR + 1), 60, 61]
    watch.destroy(10_001 + 3600)
    assert [review.number for review in watch.reviews()] == [60, 61]


def test_every_break_glass_access_is_counted(company: Company) -> None:
    """The watch sees covered and uncovered break-glass accesses, and no others."""

    async def flow() -> None:
        await company.answer(await company.asked(why="emergency"))
        await company.answer(await company.asked())
        rows = company.keeper.holdings.database.rows("SELECT member FROM break_glass")
        assert rows == [("hospital-evora",)]
        assert company.keeper.reviews() == ()

    run(flow())
