"""A small catalogue for tests without a shop: short menus, minimum orders that bite, lists that differ."""

from simulation.catalogue import Catalogue, Menu

MENUS = tuple(
    Menu(
        restaurant=f"kitchen-{number}",
        prices=tuple(4_000 + 1_300 * ((number * 7 + place * 5) % 13) for place in range(2 + number % 7)),
        minimum=(0, 12_000, 18_000)[number % 3],
        fee=(0, 2_000, 3_500)[(number // 2) % 3],
    )
    for number in range(20)
)
CATALOGUE = Catalogue(
    menus=MENUS,
    home=tuple(range(12)),
    hero=tuple(range(20)),
    categories=((0, 5, 10), (1, 6, 11, 16), (2, 7)),
    searches=((3, 4, 8, 9), (12, 13), (14, 15, 17, 18, 19), (0,)),
)
