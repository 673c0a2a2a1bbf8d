from django.apps import AppConfig


class DemoConfig(AppConfig):
    name = "answerable.cli.demo"
    label = "demo"
