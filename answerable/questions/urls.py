from django.urls import path

from answerable.questions import views

HERE = "work/<slug:org>/administration/questions/"

urlpatterns = [
    path(HERE, views.listed, name="questions"),
    path(HERE + "add/", views.question, name="add_question"),
    path(HERE + "change/<slug:question>/", views.question, name="change_question"),
    path(HERE + "arrange/", views.arrange, name="arrange_questions"),
    path(HERE + "import/", views.bring, name="import_questions"),
    path(HERE + "keep/", views.keep, name="keep_questions"),
    path(HERE + "stop/", views.stop, name="stop_questions"),
    path(HERE + "<int:version>/", views.version, name="question_version"),
    path(HERE + "<int:version>/questions.json", views.export, name="export_questions"),
    path(HERE + "<int:version>/change/", views.change, name="change_questions"),
    path(HERE + "<int:version>/publish/", views.publish, name="publish_questions"),
]
