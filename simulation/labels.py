"""The personas and metrics in the reader's language."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

PERSONAS = {
    "window_shopper": (_("Window shoppers"), _("Look around a lot and hardly ever order.")),
    "mission": (_("On a mission"), _("Know what they want, search for it and order.")),
    "calculator": (_("Calculators"), _("Compare prices; discounts and struck-through prices draw them.")),
    "impulsive": (_("Impulsive"), _("Follow urgency, pictures and bright buttons, and regret it more often.")),
    "cautious": (_("Cautious"), _("Shy away from noise and pressure; reassurance helps.")),
}

# What the simulator's page shows, with how each is written.
METRICS = {
    "ctr": (_("Click-through rate"), "percent"),
    "cart-rate": (_("Cart rate"), "percent"),
    "cvr": (_("Conversion rate"), "percent"),
    "arpu": (_("Revenue per visitor"), "won"),
    "aov": (_("Average order value"), "won"),
    "session-depth": (_("Pages per visitor"), "number"),
    "refund-rate": (_("Refund rate"), "percent"),
}
