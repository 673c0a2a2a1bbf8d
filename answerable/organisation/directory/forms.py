"""What administrators send."""

from django import forms


class UploadPeople(forms.Form):
    """A file of people, perhaps one of units, and whether it names everybody."""

    people = forms.FileField(allow_empty_file=True)
    units = forms.FileField(required=False, allow_empty_file=True)
    kind = forms.ChoiceField(choices=[("whole", "whole"), ("addition", "addition")])
