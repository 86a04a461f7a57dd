"""A small catalogue for tests without a shop: short menus, minimum orders that bite, lists that differ."""

from simulation.catalogue import Catalogue, Listing, Menu

MENUS = tuple(
    Menu(
        restaurant=f"kitchen-{number}",
        dishes=tuple(f"kitchen-{number}-{place}" for place in range(2 + number % 7)),
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
    categories=(Listing("korean", (0, 5, 10)), Listing("pizza", (1, 6, 11, 16)), Listing("cafe", (2, 7))),
    searches=(
        Listing("chicken", (3, 4, 8, 9)),
        Listing("noodles", (12, 13)),
        Listing("salad", (14, 15, 17, 18, 19)),
        Listing("cake", (0,)),
    ),
)
