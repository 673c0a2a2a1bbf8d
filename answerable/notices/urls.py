from django.urls import URLPattern, path

from answerable.notices import views

urlpatterns: list[URLPattern] = [path("work/<slug:org>/notices/", views.notices, name="notices")]
