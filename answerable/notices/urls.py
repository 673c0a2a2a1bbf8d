from django.urls import URLPattern, path

from answerable.notices import views

_ADMINISTRATION = "work/<slug:org>/administration/channels/"

urlpatterns: list[URLPattern] = [
    path("work/<slug:org>/notices/", views.notices, name="notices"),
    path("work/<slug:org>/notices/how/", views.how, name="how_told"),
    path(_ADMINISTRATION, views.channel_list, name="channels"),
    path(f"{_ADMINISTRATION}decide/", views.decide, name="decide_notices"),
    path(f"{_ADMINISTRATION}test-mail/", views.test_mail, name="test_mail"),
    path(f"{_ADMINISTRATION}add/<slug:kind>/", views.add_channel, name="add_channel"),
    path(f"{_ADMINISTRATION}<uuid:channel_id>/test/", views.test_channel, name="test_channel"),
    path(f"{_ADMINISTRATION}<uuid:channel_id>/switch/", views.switch_channel, name="switch_channel"),
    path(f"{_ADMINISTRATION}<uuid:channel_id>/remove/", views.remove_channel, name="remove_channel"),
]
