"""The public addresses of the log, below its origin (C2SP tlog-tiles)."""

from django.urls import path

from answerable.ledger import views

urlpatterns = [
    path("log/<slug:org>/checkpoint", views.checkpoint, name="log-checkpoint"),
    path("log/<slug:org>/tile/<path:path>", views.tile, name="log-tile"),
    path("log/<slug:org>/public/<int:index>", views.public, name="log-public"),
    path("log/<slug:org>/policy", views.policy, name="log-policy"),
]
