"""What can be wrong with a set of questions."""


class QuestionsError(Exception):
    """Of this capability."""


class BadQuestions(QuestionsError):
    """A set breaks the format. `place` says where ("questions[2].text.zh"), `en` and `zh` what to mend."""

    def __init__(self, place: str, en: str, zh: str) -> None:
        self.place, self.en, self.zh = place, en, zh
        super().__init__(f"{place or 'file'}: {en}")


class NoSuchSet(QuestionsError):
    """No version of this number here."""
