"""The shop's addresses."""

from django.urls import path, re_path

from storefront.views import cart, checkout, city, home, language, missing, orders, restaurant, search

app_name = "shop"

urlpatterns = [
    path("", home.home, name="home"),
    path("search/", search.search, name="search"),
    path("restaurants/<slug:slug>/", restaurant.restaurant, name="restaurant"),
    path("cart/", cart.cart, name="cart"),
    path("cart/add/", cart.add, name="cart-add"),
    path("cart/change/", cart.change, name="cart-change"),
    path("cart/empty/", cart.empty, name="cart-empty"),
    path("checkout/", checkout.checkout, name="checkout"),
    path("orders/", orders.orders, name="orders"),
    path("orders/sample/", orders.sample, name="order-sample"),
    path("orders/<slug:number>/", orders.order, name="order"),
    path("orders/<slug:number>/refund/", orders.request_refund, name="refund"),
    path("city/", city.city, name="city"),
    path("language/", language.language, name="language"),
    re_path(r"^(?P<rest>.*)$", missing.missing, name="missing"),
]
