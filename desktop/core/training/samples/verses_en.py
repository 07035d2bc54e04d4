"""Verses in English: quatrains with rhymes."""

from random import Random
from typing import Final

from desktop.core.training.samples.grammar import quatrain

POEMS: Final = 900

TITLES: Final = (
    "At the Table",
    "Harbour Song",
    "The Kitchen",
    "Lullaby",
    "Winter",
    "Summer",
    "The Orchard",
    "The Storm",
    "Sunday",
    "The Baker",
    "The Lighthouse",
    "A Letter",
    "Coming Home",
    "September",
    "The Square",
    "Night Train",
)

STARTS: Final = (
    "the pale moon falls asleep",
    "the river hums a tune",
    "my mother knits a dream",
    "the evening folds its coat",
    "a slow boat drifts along",
    "the rain comes down",
    "the bread turns gold",
    "the children run",
    "the light walks in barefoot",
    "a grey cat yawns",
    "the street is left alone",
    "my father tells a tale",
    "the kettle calls us all",
    "the old man reads the sky",
    "the leaves begin to dance",
    "the wind has news",
    "the snow has hidden all",
    "a dog barks far away",
    "my sister paints the stars",
    "the clock walks on",
    "the radio plays low",
    "the lemon tree stands still",
    "the night unlocks its door",
    "your voice is near",
    "the tablecloth keeps crumbs",
    "the house smells green",
    "a cricket tunes the air",
    "the waves comb weeds",
    "the sun has gone to sea",
    "the fountain talks",
    "my love puts down her book",
    "the smoke writes names",
    "the coffee wakes us up",
    "the fig tree lends its shade",
    "the fishes count the stones",
    "a boy looks north",
)

JOINTS: Final = (" ", ", ")

RHYMES: Final = (
    (
        "beside the sea",
        "and thinks of me",
        "beneath the tree",
        "as it should be",
        "and lets us be",
        "and pours the tea",
        "for all to see",
        "without a key",
    ),
    (
        "all through the night",
        "without a light",
        "and out of sight",
        "so warm and bright",
        "and holds on tight",
        "and that is right",
        "in silver white",
        "as light as a kite",
    ),
    (
        "along the way",
        "at break of day",
        "and goes to play",
        "and wants to stay",
        "with much to say",
        "in month of May",
        "across the bay",
        "and fades to grey",
    ),
    (
        "upon the stair",
        "without a care",
        "in morning air",
        "and I was there",
        "with silver hair",
        "on the old chair",
        "for all to share",
        "and everywhere",
    ),
    (
        "upon the hill",
        "and all is still",
        "by the old mill",
        "against its will",
        "on the window sill",
        "in the evening chill",
        "and drinks its fill",
    ),
    (
        "and comes back home",
        "and will not roam",
        "as soft as foam",
        "on the white dome",
        "with brush and comb",
    ),
    (
        "upon the ground",
        "without a sound",
        "and turns around",
        "and safe and sound",
        "and what was lost is found",
        "as the world goes round",
    ),
    (
        "in early spring",
        "and starts to sing",
        "on a golden string",
        "like anything",
        "on a feathered wing",
        "as the church bells ring",
    ),
)


def grow(random: Random) -> str:
    """Poems, each with its title and two or three quatrains."""
    poems = []
    for _ in range(POEMS):
        count = random.choice((2, 2, 3))
        stanzas = [quatrain(STARTS, RHYMES, JOINTS, random) for _ in range(count)]
        poems.append("\n\n".join([random.choice(TITLES), *stanzas]))
    return "\n\n\n".join(poems) + "\n"
