from allauth.account import views as accounts
from django.urls import URLPattern, URLResolver, include, path

from answerable.organisation import provider_views, views
from answerable.organisation.directory import pages
from answerable.organisation.scim import api as scim
from answerable.organisation.scim import pages as scim_pages

# Only what we use of allauth. People come by invitation: there is no sign-up, no reset, no list of addresses.
_ACCOUNTS: list[URLPattern | URLResolver] = [
    path("login/", views.sign_in, name="account_login"),
    path("logout/", accounts.logout, name="account_logout"),
    path("inactive/", accounts.account_inactive, name="account_inactive"),
    path("reauthenticate/", accounts.reauthenticate, name="account_reauthenticate"),
    path("password/change/", accounts.password_change, name="account_change_password"),
    path("password/set/", views.absent, name="account_set_password"),
    path("2fa/webauthn/keys/<int:pk>/remove/", views.remove_passkey, name="mfa_remove_webauthn"),
    path("2fa/", include("allauth.mfa.urls")),
    path("with/<slug:org>/<uuid:provider_id>/", provider_views.leave_for, name="leave_for"),
    path("with/<slug:org>/<uuid:provider_id>/back/", provider_views.come_back, name="come_back"),
    path("with/<slug:org>/<uuid:provider_id>/assertion/", provider_views.assertion, name="assertion"),
    path("sessions/", views.sessions, name="sessions"),
    path("sessions/end/", views.end_session, name="end_session"),
    path("second-factor/", views.second_factor, name="second_factor"),
    path("invitation/<str:token>/", views.invitation, name="invitation"),
]
_ADMINISTRATION: list[URLPattern | URLResolver] = [
    path("sign-in/", provider_views.listed, name="providers"),
    path("sign-in/add/<str:kind>/", provider_views.add, name="add_provider"),
    path("sign-in/<uuid:provider_id>/", provider_views.provider, name="provider"),
    path("sign-in/<uuid:provider_id>/metadata.xml", provider_views.metadata, name="provider_metadata"),
    path("sign-in/<uuid:provider_id>/change/", provider_views.change, name="change_provider"),
    path("sign-in/<uuid:provider_id>/switch/", provider_views.switch, name="switch_provider"),
    path("scim/", scim_pages.tokens_page, name="scim"),
    path("scim/make/", scim_pages.make, name="make_scim_token"),
    path("scim/revoke/", scim_pages.revoke, name="revoke_scim_token"),
    path("scim/let-through/", scim_pages.let_through, name="scim_let_through"),
    path("", views.administration, name="administration"),
    path("people/add/", views.add_person, name="add_person"),
    path("people/import/", pages.upload, name="people_import"),
    path("people/import/<uuid:plan_id>/", pages.plan, name="people_plan"),
    path("people/import/<uuid:plan_id>/apply/", pages.apply, name="people_apply"),
    path("people/import/<uuid:plan_id>/faults.csv", pages.faults, name="people_faults"),
    path("people/<uuid:person_id>/", views.person, name="person"),
    path("people/<uuid:person_id>/roles/give/", views.give_role, name="give_role"),
    path("people/<uuid:person_id>/roles/take/", views.take_role, name="take_role"),
    path("people/<uuid:person_id>/invite/", views.invite, name="invite"),
    path("people/<uuid:person_id>/start-again/", views.start_again, name="start_again"),
    path("people/<uuid:person_id>/leave/", views.leave, name="leave"),
]

_SCIM: list[URLPattern | URLResolver] = [
    path("ServiceProviderConfig", scim.provider_config, name="scim_config"),
    path("ResourceTypes", scim.resource_types, name="scim_resource_types"),
    path("ResourceTypes/<str:name>", scim.resource_types, name="scim_resource_type"),
    path("Schemas", scim.schemas, name="scim_schemas"),
    path("Schemas/<str:name>", scim.schemas, name="scim_schema"),
    path("Users", scim.users, name="scim_users"),
    path(".search", scim.search, name="scim_search"),
    path("Users/.search", scim.search, {"kind": "Users"}, name="scim_search_users"),
    path("Groups/.search", scim.search, {"kind": "Groups"}, name="scim_search_groups"),
    path("Users/<str:resource_id>", scim.user, name="scim_user"),
    path("Groups", scim.groups, name="scim_groups"),
    path("Groups/<str:resource_id>", scim.group, name="scim_group"),
    path("<path:rest>", scim.elsewhere, name="scim_elsewhere"),
]

urlpatterns: list[URLPattern | URLResolver] = [
    path("scim/v2/<slug:org>/", include(_SCIM)),
    path("work/", views.start, name="start"),
    path("work/language/", views.language, name="language"),
    path("work/accounts/", include(_ACCOUNTS)),
    path("work/<slug:org>/", views.home, name="home"),
    path("work/<slug:org>/administration/", include(_ADMINISTRATION)),
]
