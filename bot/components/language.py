"""Which language a message is in, when it is plainly not English: by the small words that every sentence needs.

Only words that are no English ones are listed ("die" and "was" aren't), and a message must be made of them to a good
part: a street's name or a greeting is no foreign message.
"""

from __future__ import annotations

import re
import unicodedata
from collections import Counter
from collections.abc import Mapping

from components.entities.numerals import has_digit

FEWEST_WORDS = 3
FEWEST_SIGNS = 2
SHARE = 0.4
OTHER = "other"
_ENGLISH = (
    "the a an is are was were i you it my your me we they do does did have has what where when how why who which can "
    "could will would should not no yes to of in on for with and or but if this that these those there please any some "
    "want need show find get buy order about from at be as"
)
ENGLISH = frozenset(_ENGLISH.split())
SIGNS: Mapping[str, frozenset[str]] = {
    language: frozenset(words.split())
    for language, words in {
        "de": "ich ist nicht und der das ein eine einen wie wo für mit auf zu haben habe hat brauche möchte suche kann "
        "mein meine meinen bitte gibt es sie wann welche kostet kosten bestellung sind von den dem auch noch aber "
        "oder wir ihr geht dir mir euch guten tag gerne kaufen wieviel warum noch schon",
        "fr": "je vous est le la les un une des et pour dans avec que qui où cherche voudrais veux mon ma mes avez "
        "combien commande bonjour merci pas ne ce cette du sur de il elle nous ai acheter coûte quel quelle",
        "es": "el los las una que por para con mi quiero busco dónde donde está cuánto cuanto cuesta tienen hola "
        "tienes gracias necesito comprar pedido como es un de la mis qué puedo tengo hay",
        "it": "il lo gli che per con mio mia vorrei cerco dove quanto costa avete ciao grazie ho bisogno di sono un "
        "una della del ordine è mi comprare posso",
        "nl": "ik het een niet en van voor met mijn waar hoe zoek wil kunt bestelling heeft hebben naar graag zijn wat "
        "jullie kan je kost kopen goedkoper",
        "pt": "eu não uma com meu minha quero onde quanto custa obrigado preciso você vocês está um para pedido "
        "comprar qual tem os da",
        "pl": "nie jest się jak gdzie chcę mój moje dla czy proszę szukam ile kosztuje mam mi "
        "zamówienie kupić dzień dobry",
        "tr": "bir ve için nerede istiyorum var mı mi ne kadar siparişim ben bu nasıl lütfen almak",
        "sv": "jag är inte och en ett var hur vill ha min mitt på för med det kostar köpa finns beställning",
    }.items()
}  # fmt: skip
_SPOKEN_IN = {
    word: tuple(language for language, known in SIGNS.items() if word in known)
    for word in frozenset().union(*SIGNS.values())
}
_WORD = re.compile(r"[^\W\d_]+(?:'[^\W\d_]+)?")


def foreign(text: str) -> str | None:
    """The code of the language (ISO 639-1), "other" for another script, or None for English or unclear."""
    words = [word.casefold() for word in _WORD.findall(text)]
    if not words or has_digit(text):
        return None
    letters = "".join(words)
    if not _is_latin(letters):
        return OTHER if len(letters) >= FEWEST_SIGNS else None
    if len(words) < FEWEST_WORDS:
        return None
    signs = Counter(language for word in words for language in _SPOKEN_IN.get(word, ()))
    if not signs:
        return None
    english = sum(word in ENGLISH for word in words)
    likely = max(SIGNS, key=lambda language: signs[language])
    enough = signs[likely] >= max(FEWEST_SIGNS, SHARE * len(words)) and signs[likely] > english
    return likely if enough else None


def _is_latin(letters: str) -> bool:
    """Whether half of the letters at least are."""
    return letters.isascii() or 2 * sum("LATIN" in unicodedata.name(one, "") for one in letters) >= len(
        letters
    )
