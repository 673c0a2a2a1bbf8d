from django.urls import path

from answerable.setup import views

_WORK = "work/<slug:org>/"

urlpatterns = [
    path("work/setup/", views.begin, name="setup"),
    path("work/setup/<slug:step>/", views.question, name="setup_question"),
    path(_WORK + "opening/", views.opening, name="opening"),
    path(_WORK + "opening/open/", views.open_now, name="open_now"),
    path(_WORK + "opening/pause/", views.pause, name="pause"),
    path(_WORK + "opening/mail/", views.test_mail, name="test_mail"),
    path(_WORK + "settings/", views.settings_page, name="settings"),
    path(_WORK + "settings/<slug:step>/", views.setting, name="setting"),
    path(_WORK + "proposals/", views.proposals_page, name="proposals"),
    path(_WORK + "proposals/<uuid:proposal>/", views.decide, name="decide_proposal"),
    path("o/<slug:org>/theme.css", views.theme_css, name="theme"),
    path("o/<slug:org>/mark.png", views.mark_png, name="mark"),
]
