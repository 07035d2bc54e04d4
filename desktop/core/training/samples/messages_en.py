"""Messages in English, labelled "spam" or "ham", as people and as swindlers write them."""

from random import Random
from typing import Final

from desktop.core.training.samples.grammar import english, said, sentence

EACH: Final = 220

HAM: Final = (
    "{hello}, {late} {when}. {sign}",
    "can you buy {thing} on the way home?",
    "{name} asks whether you come to {event} {when}",
    "thanks for {gift}, it was lovely. {sign}",
    "{hello}, the meeting moves to {hour}. {sign}",
    "did you see {name} at {event}? call me {when}",
    "your {order} is ready, you can collect it {when}",
    "I left the keys with {name}, see you {when}",
    "mum says dinner is at {hour}, bring {thing}",
    "the doctor has time for you {when} at {hour}",
    "happy birthday {name}! see you at {event}",
    "sorry, I missed your call. I am at {event}, talk {when}?",
    "could you send me the notes from {event}? {sign}",
    "the parcel from {name} came today, thank you",
    "your bank card statement for this month is in the app",
    "we won the match! {name} scored twice",
    "free {when}? we could have coffee at {hour}",
)
SPAM: Final = (
    "{shout} you have won {prize}! {act} {link}",
    "{shout} your account is blocked. Confirm your password at {link}",
    "make {money} a week from home, no work needed. {act} {link}",
    "free {prize} for the first 100 who answer. {act} {link}",
    "your parcel waits for customs. Pay {fee} at {link} today",
    "{shout} last chance: {offer}. {act} {link}",
    "dear customer, we noticed a strange login. Verify now: {link}",
    "lonely {when}? Singles near you wait. {act} {link}",
    "{offer}! Order {when} and save {percent}. {link}",
    "I am a prince and need your help to move {money}. Send your bank card number",
    "you were chosen for {prize}. Only {fee} for shipping: {link}",
    "double your {money} with our coin. {act} {link}",
    "hi, it is me, I lost my phone. Send {fee} to this number {when}",
    "final notice: your {order} expires. Renew at {link}",
)
WORDS: Final = {
    "hello": ("hi", "hello", "hey", "good morning", "dear all"),
    "late": ("I will be ten minutes late", "the train is late", "I can not come", "we start earlier"),
    "when": ("today", "tomorrow", "tonight", "on Friday", "after work", "next week", "this weekend"),
    "sign": ("kisses, Ana", "see you, Luis", "best, Marta", "love, mum", "cheers, Tom", ""),
    "thing": ("milk", "some bread", "two lemons", "a bottle of wine", "eggs", "the newspaper"),
    "name": ("Ana", "Luis", "Marta", "Pedro", "Julia", "uncle Tom", "Clara"),
    "event": ("the concert", "the party", "the class", "the match", "lunch", "the wedding", "the office"),
    "gift": ("the book", "the flowers", "dinner", "the photos", "your help"),
    "hour": ("nine", "half past ten", "noon", "four", "six", "eight"),
    "order": ("book order", "repaired bike", "passport", "subscription", "photo order"),
    "shout": ("CONGRATULATIONS!", "URGENT!", "ATTENTION!", "WOW!", "Dear winner,"),
    "prize": ("a new phone", "a holiday for two", "1000 euros", "a gift card", "a luxury car"),
    "act": ("Click now:", "Claim it here:", "Reply YES or go to", "Hurry:", "Sign up:"),
    "link": (
        "win-now.example",
        "secure-login.example",
        "prize.example/claim",
        "bit.example/77",
        "fast-cash.example",
    ),
    "money": ("5000 euros", "900 dollars", "2 million", "10000 pounds"),
    "fee": ("1.99", "2.50 euros", "49 euros", "200 dollars"),
    "offer": (
        "cheap watches",
        "pills without prescription",
        "credit without questions",
        "designer bags at half price",
    ),
    "percent": ("70 %", "80 %", "90 %"),
}


def grow(random: Random) -> list[tuple[str, str]]:
    """(message, label), no message twice."""
    made: dict[str, str] = {}
    for label, ways in (("ham", HAM), ("spam", SPAM)):
        wanted = len(made) + EACH
        while len(made) < wanted:
            text = english(sentence(said(WORDS, random.choice(ways), random).strip()))
            made.setdefault(text, label)
    rows = list(made.items())
    random.shuffle(rows)
    return rows
