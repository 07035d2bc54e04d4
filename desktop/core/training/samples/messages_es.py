"""Messages in Spanish, labelled "spam" or "correo", as people and as swindlers write them."""

from random import Random
from typing import Final

from desktop.core.training.samples.grammar import said, sentence

EACH: Final = 220

HAM: Final = (
    "{hello}, {late} {when}. {sign}",
    "¿puedes comprar {thing} de camino a casa?",
    "{name} pregunta si vienes {event} {when}",
    "gracias por {gift}, fue precioso. {sign}",
    "{hello}, la reunión pasa a {hour}. {sign}",
    "¿has visto a {name}? llámame {when}",
    "tu {order} está listo, puedes recogerlo {when}",
    "he dejado las llaves a {name}, nos vemos {when}",
    "dice mamá que se cena a {hour}, trae {thing}",
    "el médico tiene hora {when} a {hour}",
    "feliz cumpleaños, {name}. nos vemos {when}",
    "perdona, no oí tu llamada. ¿hablamos {when}?",
    "¿me mandas los apuntes de {when}? {sign}",
    "ha llegado el paquete de {name}, gracias",
    "el extracto de tu tarjeta de este mes está en la aplicación",
    "hemos ganado el partido. {name} marcó dos goles",
    "¿estás libre {when}? un café a {hour}",
)
SPAM: Final = (
    "{shout} has ganado {prize}. {act} {link}",
    "{shout} tu cuenta está bloqueada. Confirma tu contraseña en {link}",
    "gana {money} a la semana desde casa sin trabajar. {act} {link}",
    "{prize} gratis para los 100 primeros. {act} {link}",
    "tu paquete espera en la aduana. Paga {fee} en {link} hoy",
    "{shout} última oportunidad: {offer}. {act} {link}",
    "estimado cliente, hay un acceso extraño. Verifica ahora: {link}",
    "¿solo {when}? Hay gente cerca que te espera. {act} {link}",
    "{offer}. Pide {when} y ahorra un {percent}. {link}",
    "soy un príncipe y necesito tu ayuda para mover {money}. Envía el número de tu tarjeta",
    "has sido elegido para {prize}. Solo {fee} de envío: {link}",
    "dobla tus {money} con nuestra moneda. {act} {link}",
    "hola, soy yo, he perdido el móvil. Manda {fee} a este número {when}",
    "último aviso: tu {order} caduca. Renueva en {link}",
)
WORDS: Final = {
    "hello": ("hola", "buenas", "buenos días", "qué tal", "hola a todos"),
    "late": ("llego diez minutos tarde", "el tren va con retraso", "no puedo ir", "empezamos antes"),
    "when": (
        "hoy",
        "mañana",
        "esta noche",
        "el viernes",
        "después del trabajo",
        "la semana que viene",
        "el domingo",
    ),
    "sign": (
        "besos, Ana",
        "hasta luego, Luis",
        "un saludo, Marta",
        "te quiere, mamá",
        "un abrazo, Tomás",
        "",
    ),
    "thing": ("leche", "pan", "dos limones", "una botella de vino", "huevos", "el periódico"),
    "name": ("Ana", "Luis", "Marta", "Pedro", "Julia", "el tío Tomás", "Clara"),
    "event": ("al concierto", "a la fiesta", "a clase", "al partido", "a comer", "a la boda"),
    "gift": ("el libro", "las flores", "la cena", "las fotos", "tu ayuda"),
    "hour": ("las nueve", "las diez y media", "mediodía", "las cuatro", "las seis", "las ocho"),
    "order": ("pedido de libros", "pasaporte", "abono", "encargo de fotos"),
    "shout": ("¡ENHORABUENA!", "¡URGENTE!", "¡ATENCIÓN!", "¡INCREÍBLE!", "Querido ganador:"),
    "prize": ("un móvil nuevo", "un viaje para dos", "1000 euros", "una tarjeta regalo", "un coche de lujo"),
    "act": ("Pulsa ya:", "Reclámalo aquí:", "Responde SÍ o entra en", "Corre:", "Apúntate:"),
    "link": (
        "gana-ya.example",
        "acceso-seguro.example",
        "premio.example/tuyo",
        "bit.example/77",
        "dinero.example",
    ),
    "money": ("5000 euros", "900 dólares", "2 millones", "10000 libras"),
    "fee": ("1,99", "2,50 euros", "49 euros", "200 dólares"),
    "offer": (
        "relojes baratos",
        "pastillas sin receta",
        "crédito sin preguntas",
        "bolsos de marca a mitad de precio",
    ),
    "percent": ("70 %", "80 %", "90 %"),
}


def grow(random: Random) -> list[tuple[str, str]]:
    """(message, label), no message twice."""
    made: dict[str, str] = {}
    for label, ways in (("correo", HAM), ("spam", SPAM)):
        wanted = len(made) + EACH
        while len(made) < wanted:
            text = sentence(said(WORDS, random.choice(ways), random).strip())
            made.setdefault(text, label)
    rows = list(made.items())
    random.shuffle(rows)
    return rows
