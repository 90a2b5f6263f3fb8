"""Letters as somebody in a hurry types them, small and without accents; in Python and in SQL alike."""

from django.db import models

ACCENTED = {
    "a": "áàâäãåāăą",
    "c": "çćčċ",
    "d": "ďđð",
    "e": "éèêëēėęě",
    "g": "ğģġ",
    "i": "íìîïīįı",
    "k": "ķ",
    "l": "ĺļľł",
    "n": "ñńņň",
    "o": "óòôöõøőō",
    "r": "ŕř",
    "s": "śšşș",
    "t": "ťţț",
    "u": "úùûüūůűų",
    "y": "ýÿ",
    "z": "źżž",
}
LETTERS = "".join(ACCENTED.values())
PLAIN = "".join(plain * len(letters) for plain, letters in ACCENTED.items())
FOLDED = str.maketrans(LETTERS, PLAIN)
#: The same of an SQL text.
SQL = f"translate(lower(%s), '{LETTERS}', '{PLAIN}')"


def folded(text: str) -> str:
    """Letter for letter, so that places in it are places in the text."""
    lower = text.replace("İ", "I").lower()
    if len(lower) != len(text):
        lower = "".join(letter.lower() if len(letter.lower()) == 1 else letter for letter in text)
    return lower.translate(FOLDED)


class Folded(models.Func):
    """What these say, one after the other; what is not said is left out."""

    template = SQL % "concat_ws(' ', %(expressions)s)"
    output_field = models.TextField()
