"""Secrets that are ours to choose: which are strong enough, and how to say what they must be; data."""

#: As Standard Webhooks writes them, and any other.
WHSEC = r"whsec_(?=.{32,88}$)(?!(.)\1+$)([A-Za-z0-9+/]{4})+([A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?"
LONG = r"(?!(.)\1+$)\S.{22,}\S"
#: As it may stand in a header, an address and somebody's script alike.
WORD = r"(?!(.)\1+$)[A-Za-z0-9_-]{24,128}"
STRONG = {
    WHSEC: "must be whsec_ and 24 to 64 random bytes in base64. “Generate” makes one.",
    WORD: "must be 24 letters, digits, _ or - and more, chosen at random. “Generate” makes one.",
    LONG: "must be 24 characters or more, chosen at random. “Generate” makes one.",
}
