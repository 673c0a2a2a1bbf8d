"""The overseers' board."""

from django.urls import path

from answerable.promises import views

urlpatterns = [path("work/<slug:org>/board/", views.board, name="board")]
