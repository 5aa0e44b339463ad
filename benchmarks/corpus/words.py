"""The words of the made-up telegrams: a vocabulary with Zipf's weights, clauses, names.

Text has to compress like prose (zstd about 3:1) and to hold as many distinct words as prose does,
or a benchmark of storage and of everything that works once per distinct value is worth nothing.
So clauses of three to seven words are drawn from a vocabulary of 6,000 once per process, and
telegrams draw from some 400,000 of them. No sentence is written by hand, none means anything.
"""

import random
from collections.abc import Sequence
from functools import lru_cache
from itertools import accumulate

VOCABULARY_SIZE = 6_000
CLAUSES = 400_000
ZIPF_EXPONENT = 1.0

FUNCTION_WORDS = """
the of to and in a that for on with is was by he said as at it be has not have are had from which
would will its but this they an also or were his their been who more than could about after other
all some there one if no over many into two such only when new up most while out any between
during because under these both should through before what being however three through them
against even so still those may might must very several first last now much where since same each
we our us you she her him how then well own do did does can within without despite towards like
per upon among until once another four five six ten less few yet here
""".split()

COLLOCATIONS = (
    """
of the;in the;to the;for the;on the;and the;that the;with the;from the;at the;by the;said that;
as well as;in order to;the government of;one of the;such as;more than;would be;has been;it is;
have been;will be;to be;is not;there is;according to;due to the;part of the;at the same time;
the United States;the Ministry of Foreign Affairs;the Prime Minister;told us that;Embassy officers;
the European Union;the end of the;as a result of;with respect to;in addition to;the issue of;
in response to;a number of;the process of;the rule of law;human rights;members of the;the need to;
in the field of;the opposition;on behalf of;the fact that;prior to the;the majority of;took place in;
the lack of;the beginning of;the possibility of;bilateral relations;Security Council;civil society;
the private sector;law enforcement;national security;foreign policy;the head of the;has not yet;
did not want to;is likely to;would like to;he noted that;he added that;remains to be seen
""".replace("\n", "")
    .strip(";")
    .split(";")
)

TRADE_WORDS = """
government minister ministry president party officials political economic security state country
embassy meeting support issue ambassador foreign trade development national local public law
court police military prime energy oil gas price market bank policy reform program project
parliament election opposition leader candidate vote campaign coalition majority press media
report visit delegation talks agreement treaty border region province capital district city
village north south east west community group group's members official spokesman adviser deputy
director office department agency committee commission council bureau authority company firm
investment investor tariff customs export import product production industry sector factory port
road railway airport bridge dam power plant electricity water harvest wheat rice cotton fish food
aid assistance loan debt budget deficit tax revenue inflation currency exchange reserve credit
finance fund grant donor school university student teacher hospital doctor health disease clinic
vaccine refugee camp migrant visa passport consular citizen rights labor union strike worker
employer wage pension housing land farmer cattle forest river lake sea coast island fishing
climate emission environment pollution waste nuclear reactor fuel uranium inspection weapon
missile army navy air force general colonel officer troop soldier training exercise equipment
helicopter patrol ceasefire rebel militia attack violence protest demonstration arrest prison
trial judge prosecutor lawyer case charge sentence appeal evidence investigation corruption fraud
smuggling drug narcotic trafficking crime gang witness victim church mosque bishop imam religious
minority ethnic tribal clan elder chief king prince royal palace cabinet speaker senator deputy
bill draft amendment constitution referendum decree regulation license permit contract tender
auction privatization share stock bond merger airline telecommunications internet broadcast
television radio newspaper editor journalist article interview statement speech letter note
message telegram demarche proposal position view concern interest effort step measure plan goal
strategy priority problem question answer reason result impact effect cause change increase
decrease growth decline level rate number percent amount cost value source contact friend
neighbor ally partner counterpart colleague expert analyst observer critic supporter
representative chairman secretary chief counselor attache consul officer charge mission post
washington brussels geneva moscow beijing european african asian american arab western eastern
northern southern regional international bilateral multilateral domestic internal external
annual monthly weekly recent current former future senior junior strong weak clear likely
possible necessary important significant serious difficult different similar close open free fair
private commercial technical legal financial social cultural civil human joint special direct
full final initial further additional major minor large small high low long short early late good
bad better best old young next previous main key common general particular available effective
successful told asked noted added stressed argued agreed explained expressed believed expected
planned proposed requested promised continued remained became began ended included provided
received offered signed approved rejected delayed announced published discussed raised reviewed
considered decided met visited traveled returned arrived left opened closed built bought sold
paid moved held led won lost made took gave put kept set found saw heard knew thought felt want
need seek hope fear plan expect intend remain continue agree discuss work help allow ensure
improve reduce increase address resolve prevent protect promote encourage urge request provide
share follow join lead build create establish maintain strengthen implement complete prepare
consider decide year month week day time morning evening spring summer autumn winter january
february march april may june july august september october november december monday tuesday
wednesday thursday friday saturday sunday
""".split()

CAPITALISED = frozenset(
    """
    washington brussels geneva moscow beijing european african asian american arab january
    february march april june july august september october november december monday tuesday
    wednesday thursday friday saturday sunday
    """.split()
)

ONSETS = "b br c ch cr d dr f fl g gr h j k kh l m n p pr r s sh st t tr v w y z".split()
VOWELS = "a a a e e e i i o o u ai ei ou ia".split()
CODAS = ["", "", "", "n", "r", "s", "l", "t", "m", "nd", "rt", "k", "sh"]
ENDINGS = ["ing", "ed", "tion", "ment", "ity", "al", "ive", "er", "ance", "ous", "ly", "s", ""]

FIRST_NAMES = """
Abigail Ada Agnes Albert Alma Amos Anton Arthur Astrid Aurora Basil Beatrice Benedict Bertha
Boris Bruno Caspar Cecil Clara Clement Conrad Cora Cyril Dagmar Delia Dora Edgar Edith Edmund
Elias Elmer Elsa Emil Enid Ernest Esther Ethel Eugene Felix Flora Floyd Gideon Gilbert Greta
Gustav Harold Hattie Hector Hedwig Henrik Hilda Homer Horace Hugo Ida Ignatius Irma Isidor Ivan
Jasper Jonas Josiah Judith Julius Karin Konrad Lars Leona Leopold Lionel Lothar Louisa Lucius
Mabel Magnus Martha Matilda Maurice Miriam Moritz Nora Norbert Octavia Olaf Olga Oscar Otto
Percy Petra Phoebe Quentin Ralph Ramona Regina Rosa Rufus Rupert Selma Sidney Silas Stella
Sylvia Tabitha Thaddeus Theodore Tobias Ursula Valentin Vera Victor Viola Walter Wilhelmina Zelda
""".split()
TITLES = (
    "Ambassador",
    "DCM",
    "Charge d'Affaires",
    "Charge d'Affaires, a.i.,",
    "Political Counselor",
    "Economic Counselor",
    "POL/ECON Chief",
    "Deputy Chief of Mission",
    "Acting DCM",
    "Consul General",
    "Political Officer",
    "Econ Chief",
)


def invented(rng: random.Random, syllables: int) -> str:
    """Give a word that can be spoken and means nothing."""
    return "".join(
        rng.choice(ONSETS) + rng.choice(VOWELS) + rng.choice(CODAS) for _ in range(syllables)
    )


@lru_cache(maxsize=2)
def vocabulary(seed: int) -> tuple[tuple[str, ...], tuple[float, ...]]:
    """Give the words by rank, and the sums of their weights."""
    rng = random.Random(f"{seed}:vocabulary")
    trade = sorted(set(TRADE_WORDS) - set(FUNCTION_WORDS))
    rng.shuffle(trade)
    words = [*dict.fromkeys(FUNCTION_WORDS), *COLLOCATIONS]
    head = words[12:]
    rng.shuffle(head)
    words[12:] = head
    words += [word.capitalize() if word in CAPITALISED else word for word in trade]
    seen = set(words)
    while len(words) < VOCABULARY_SIZE:
        word = invented(rng, rng.choice((1, 1, 2, 2)))
        word = word.capitalize() if rng.random() < 0.2 else word + rng.choice(ENDINGS)
        if len(word) > 3 and word not in seen:
            seen.add(word)
            words.append(word)
    weights = accumulate(1 / (rank + 2) ** ZIPF_EXPONENT for rank in range(len(words)))
    return tuple(words), tuple(weights)


class Prose:
    """Text of any length out of a pool of clauses; the pool depends on the seed alone."""

    def __init__(self, seed: int) -> None:
        """Draw the pool (a second or two)."""
        words, weights = vocabulary(seed)
        rng = random.Random(f"{seed}:clauses")
        lengths = rng.choices((3, 4, 5, 6, 7), k=CLAUSES)
        drawn = rng.choices(words, cum_weights=weights, k=sum(lengths))
        pool: list[str] = []
        at = 0
        for length in lengths:
            pool.append(" ".join(drawn[at : at + length]))
            at += length
        for index in range(0, CLAUSES, 9):
            pool[index] = _with_figure(rng, pool[index])
        self.pool: Sequence[str] = pool
        self.words: Sequence[str] = words[len(FUNCTION_WORDS) + len(COLLOCATIONS) :]
        self.clause_length = sum(map(len, pool)) / CLAUSES + 1.6

    def text(self, rng: random.Random, characters: float) -> str:
        """Give sentences of about so many characters, on one line."""
        count = max(3, round(characters / self.clause_length))
        clauses = rng.choices(self.pool, k=count)
        draw = rng.random
        sentences = []
        at = 0
        while at < count:
            end = at + 2 + int(draw() * 4)
            if count - end < 2:
                end = count
            sentence = clauses[at:end]
            first = sentence[0]
            sentence[0] = first[0].upper() + first[1:]
            if len(sentence) > 2:
                sentence[1] += ","
            joined = " ".join(sentence)
            if draw() < 0.06:
                half = len(sentence) // 2
                joined = f'{" ".join(sentence[:half])} "{" ".join(sentence[half:])}"'
            sentences.append(joined)
            at = end
        return ". ".join(sentences) + "."

    def title(self, rng: random.Random, least: int = 2, most: int = 6) -> str:
        """Give a few words for a heading or a subject."""
        return " ".join(rng.choices(self.words[:2500], k=rng.randint(least, most)))


def _with_figure(rng: random.Random, clause: str) -> str:
    """Put a figure into a clause, never at its end (`… 2006.` at a line's start is a number)."""
    first, _, rest = clause.partition(" ")
    kind = rng.random()
    if kind < 0.35:
        figure = f"in {rng.randint(1985, 2010)} and"
    elif kind < 0.65:
        figure = f"{rng.randint(2, 99)} percent of"
    elif kind < 0.85:
        figure = f"some {rng.randint(1, 99)},{rng.randint(0, 9)}00"
    else:
        figure = f"USD {rng.randint(1, 900)} million for"
    return f"{first} {figure} {rest}"


@lru_cache(maxsize=2)
def prose(seed: int) -> Prose:
    """Give the pool of a seed, made once per process."""
    return Prose(seed)


@lru_cache(maxsize=65_536)
def person(seed: int, post_code: str, year: int, place: int) -> tuple[str, str, str]:
    """Give first name, surname and title of an officer: the same few sign at a post in a year."""
    rng = random.Random(f"{seed}:person:{post_code}:{year // 2}:{place}")
    surname = invented(rng, rng.choice((2, 2, 3))).capitalize()
    while len(surname) < 5:
        surname += invented(rng, 1)
    return rng.choice(FIRST_NAMES), surname, TITLES[0] if place == 0 else rng.choice(TITLES)
