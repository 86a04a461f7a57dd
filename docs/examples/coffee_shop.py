"""A product beside NovaRium: plain WSGI, the public OpenFeature client, and nothing of NovaRium's own code.

It shows its button as a feature says, reports who saw which variant, and reports purchases:

    NOVARIUM_URL=http://127.0.0.1:8000 NOVARIUM_KEY=… python docs/examples/coffee_shop.py

The key is that of a connection (or a personal token) that may evaluate and ingest. Then open http://127.0.0.1:8090.
"""

import os
import time
import uuid
from datetime import UTC, datetime
from html import escape
from http.cookies import SimpleCookie
from wsgiref.simple_server import make_server

from openfeature import api
from openfeature.contrib.provider.ofrep import OFREPProvider
from openfeature.evaluation_context import EvaluationContext
from openfeature.track import TrackingEventDetails

URL, KEY = os.environ["NOVARIUM_URL"], os.environ["NOVARIUM_KEY"]
HEADERS = {"Authorization": f"Bearer {KEY}"}
BUTTON = {"text": "Order", "color": "blue"}  # what is shown should NovaRium be away


class NovaRium(OFREPProvider):
    """Evaluates over OFREP; what is tracked becomes an event."""

    def track(self, tracking_event_name, evaluation_context=None, tracking_event_details=None):
        """Send the event, again where the server was away or busy."""
        details = tracking_event_details or TrackingEventDetails()
        event = {
            "event_id": str(uuid.uuid4()),  # made once: a retry sends the same one, and is harmless
            "name": tracking_event_name,
            "unit_id": evaluation_context.targeting_key,
            "occurred_at": datetime.now(UTC).isoformat(),
            "properties": details.attributes,
            **({} if details.value is None else {"amount": details.value}),
        }
        for _attempt in range(3):
            answer = self.session.post(f"{URL}/api/v1/events", json=event, headers=HEADERS, timeout=5)
            if answer.status_code < 429:
                break
            time.sleep(float(answer.headers.get("Retry-After", 1)))
        answer.raise_for_status()


def app(environ, start_response):
    """Show the button, or take an order."""
    cookies = SimpleCookie(environ.get("HTTP_COOKIE", ""))
    unit = cookies["visitor"].value if "visitor" in cookies else uuid.uuid4().hex
    client, who = api.get_client(), EvaluationContext(targeting_key=unit)
    if environ["REQUEST_METHOD"] == "POST":
        client.track("purchase", who, TrackingEventDetails(4500, {"order": uuid.uuid4().hex}))
        page = "<h1>Thank you</h1>"
    else:
        button = client.get_object_details("checkout-button", BUTTON, who)
        if experiment := button.flag_metadata.get("experiment"):
            seen = {"experiment": experiment, "variant": button.variant}
            client.track("exposure", who, TrackingEventDetails(attributes=seen))
        color, text = escape(button.value["color"]), escape(button.value["text"])
        page = f'<form method="post"><button style="background: {color}">{text}</button></form>'
    headers = [("Content-Type", "text/html; charset=utf-8"), ("Set-Cookie", f"visitor={unit}; HttpOnly")]
    start_response("200 OK", headers)
    return [page.encode()]


api.set_provider(NovaRium(URL, headers_factory=lambda: HEADERS))

if __name__ == "__main__":
    make_server("127.0.0.1", int(os.environ.get("PORT", "8090")), app).serve_forever()
