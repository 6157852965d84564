import pytest
from django.urls import reverse

from kuangan.base.registry.facts import NewFact, record_facts
from kuangan.base.registry.intake import enter_seen
from kuangan.base.registry.load import load_register
from kuangan.base.registry.models import Mine

pytestmark = pytest.mark.django_db


def test_a_mine_outside_scope_is_not_found(cast, client_of) -> None:
    address = reverse("registry:mine", args=[cast.mine_a.code])
    allowed = (
        cast.county_officer,
        cast.city_officer,
        cast.province_officer,
        cast.mine_a_manager,
        cast.parent_dispatcher,
    )
    assert [client_of(user).get(address).status_code for user in allowed] == [200] * 5
    assert [client_of(user).get(address).status_code for user in (cast.neighbour_officer, cast.mine_b_dispatcher)] == [
        404,
        404,
    ]


def test_people_without_a_role_are_refused(cast, client_of) -> None:
    for user in (cast.nobody, cast.training_body, cast.informant):
        assert client_of(user).get(reverse("registry:mines")).status_code == 403


def test_the_list_shows_only_mines_of_the_scope_with_their_facts(cast, client_of, moment) -> None:
    record_facts([NewFact(cast.mine_a.code, "capacity", 120, moment)], at=moment, basis="批复")
    page = client_of(cast.county_officer).get(reverse("registry:mines")).content.decode()
    assert "示例远峰煤业" in page
    assert "示例青岭煤业" not in page
    assert "长治市上党区应急管理局" in page
    assert ">120<" in page


def test_a_mine_is_found_by_name_initials_and_code(cast, client_of) -> None:
    browser = client_of(cast.city_officer)
    for words in ("远峰", "slyf", "140404"):
        table = browser.get(reverse("registry:mines"), {"q": words}).content.decode().split("<tbody>")[1]
        assert ("远峰" in table, "青岭" in table) == (True, False)


def test_every_figure_counts_the_rows_behind_its_link(cast, client_of, moment) -> None:
    Mine.objects.create(
        code="140421900009", name="示例旧矿", kind="underground_coal", city_id="140400", old_region_code=True
    )
    enter_seen([], [{"code": "14040491111101", "mine": "140404911111", "valid_from": moment}], moment)
    browser = client_of(cast.province_officer)
    for address in (reverse("registry:mines"), reverse("registry:organisations"), reverse("people:users")):
        for figure in browser.get(address).context["figures"]:
            if figure.href:
                assert browser.get(address + figure.href).context["total"] == figure.value, figure.label


def test_the_mine_page_tells_old_codes_and_missing_supervisors(cast, client_of) -> None:
    Mine.objects.create(
        code="140421900009",
        name="示例旧矿",
        kind="tailings_pond",
        city_id="140400",
        old_region_code=True,
        provisional=True,
    )
    page = client_of(cast.city_officer).get(reverse("registry:mine", args=["140421900009"])).content.decode()
    for words in ("旧区划码", "未登记", "未接入", "尚无监管单位", "尾矿库"):
        assert words in page


def test_lists_of_a_province_need_few_queries(cast, client_of, moment, django_assert_max_num_queries) -> None:
    rows = [
        {
            "code": f"1404049{n:05d}",
            "name": f"示例{n}矿",
            "kind": "underground_coal",
            "county_code": "140404",
            "capacity": n,
            "parent_company": f"示例集团{n % 5}",
        }
        for n in range(60)
    ]
    load_register(rows, moment)
    browser = client_of(cast.province_officer)
    for name in ("registry:mines", "registry:organisations"):
        with django_assert_max_num_queries(20):
            assert browser.get(reverse(name)).status_code == 200


def test_pages_follow_each_other_without_loss_and_back_again(cast, client_of, moment) -> None:
    load_register(
        [
            {"code": f"1404049{n:05d}", "name": f"示例{n}矿", "kind": "open_pit_coal", "county_code": "140404"}
            for n in range(45)
        ],
        moment,
    )
    browser, address = client_of(cast.province_officer), reverse("registry:mines")
    seen, after, pages = [], None, []
    while True:
        page = browser.get(address, {"after": after} if after else {}).context["page"]
        pages.append(page)
        seen += [row.code for row in page.rows]
        if page.after is None:
            break
        after = page.after
    assert len(pages) == 3
    assert seen == sorted(Mine.objects.values_list("code", flat=True))
    back = browser.get(address, {"before": pages[2].before}).context["page"]
    assert [row.code for row in back.rows] == [row.code for row in pages[1].rows]
    first = browser.get(address, {"before": pages[1].before}).context["page"]
    assert [row.code for row in first.rows] == [row.code for row in pages[0].rows]
    assert first.before is None


def test_a_foreign_page_mark_is_not_found(cast, client_of) -> None:
    for mark in ("x", "WyJhIiwiYiJd", "%00"):
        assert client_of(cast.province_officer).get(reverse("registry:mines"), {"after": mark}).status_code == 404


def test_density_and_hidden_columns_are_remembered(cast, client_of) -> None:
    browser, address = client_of(cast.city_officer), reverse("registry:mines")
    browser.get(address, {"density": "dense"})
    browser.get(address, {"set": "columns", "columns": ["kind", "place"]})
    page = browser.get(address)
    assert [column.name for column in page.context["table"].columns] == ["name", "place", "kind"]
    assert "ka-table dense" in page.content.decode()


def test_an_organisation_page_shows_people_and_mines_within_scope(cast, client_of) -> None:
    county = reverse("registry:organisation", args=[cast.organisations["county"].pk])
    page = client_of(cast.city_officer).get(county).content.decode()
    assert "县值班员" in page
    assert "示例远峰煤业" in page
    assert client_of(cast.neighbour_officer).get(county).status_code == 404
    assert client_of(cast.mine_a_dispatcher).get(county).status_code == 200
    assert "县值班员" not in client_of(cast.mine_a_dispatcher).get(county).content.decode()
    other = reverse("registry:organisation", args=[cast.organisations["mine_b"].pk])
    assert client_of(cast.mine_a_dispatcher).get(other).status_code == 404
