"""Every address of the site. Each capability names its own, with full paths."""

from django.conf import settings
from django.urls import URLPattern, URLResolver, include, path

urlpatterns: list[URLPattern | URLResolver] = [
    path("", include("answerable.setup.urls")),  # first: /work/setup/ is no organisation
    path("", include("answerable.organisation.urls")),
    path("", include("answerable.notices.urls")),
    path("", include("answerable.ledger.urls")),
    path("", include("answerable.roster.urls")),
    path("", include("answerable.promises.urls")),
    path("", include("answerable.questions.urls")),
    path("", include("answerable.intake.urls")),
    path("", include("answerable.cases.urls")),
]
if settings.DEMO:
    urlpatterns.append(path("", include("answerable.cli.demo.views")))

handler400 = "answerable.ui.errors.bad_request"
handler403 = "answerable.ui.errors.forbidden"
handler404 = "answerable.ui.errors.not_found"
handler500 = "answerable.server.errors.server_error"
