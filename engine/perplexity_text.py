"""The text on which models are measured when a person names none: ours, in English and Spanish.

Written for this purpose, so that no model has seen it while it learned; plain prose of many subjects, long
enough for two windows whatever the vocabulary. Changing a word of it makes earlier measures incomparable.
"""

from typing import Final

_ENGLISH: Final = """
The mill stood where the two streams met, and for as long as anyone could remember it had ground the flour
of three villages. Its wheel was of oak and turned slowly, even in spring when the water came down brown and
loud from the hills. The miller used to say that a fast wheel makes hot flour, and that hot flour makes
bread which is old before it is cold. People laughed at him, but they brought him their wheat all the same.

When he died, his daughter kept the mill running. She had studied in the city and knew the names of things:
she could say what a sluice does to the pressure, why the lower stone is the one that must be level, and how
much power is lost in a gear that has not been greased. What she could not do at first was hear when the
stones ran too close together. Her father had heard it from the house, in his sleep. It took her two winters
to learn it, and one pair of stones.

Learning of this kind is hard to write down. A book can tell you that the sound becomes higher, but not how
much, and not against which noise you have to listen. There are still many trades like that. A baker presses
a finger into the dough, a nurse looks at a face, a sailor looks at a cloud, and each of them knows
something that they would need an hour to explain badly. Nobody should conclude from this that rules are
useless. Rules are what we hand to those who were not there.

In the autumn of the fourth year an engineer came to measure the stream. He wanted to know whether the mill
could give light to the school and the dairy. He let an orange drift from the bridge to the willow, counted
the seconds, and wrote the number into a small green book; then he did it four more times, because one
measurement is an opinion. The stream carried about six hundred litres a second, and the fall was a little
under three metres. Of the power in the water, he explained, a good wheel catches two thirds, and the dynamo
and the cables take their part of what is left. On paper it came to nine kilowatts. In February, with ice
along the edges, it would be five.

"Five will do," said the miller's daughter. "The cows do not read."

The dynamo arrived in March, in a crate marked with the name of a town none of them had ever visited. It
took a week to set it up, and on the first evening half of the valley came to watch. The lamp above the door
glowed orange, then yellow, then white, and somebody began to clap. An old man who had walked down from the
upper farm looked at it for a while with his hat in his hands. He asked what it burned. When they told him
that it burned nothing, that it was the same stream as always, he nodded slowly, as if he had suspected it.

There were quarrels afterwards, as there always are. If the wheel ran all night for the lamps, the pond was
low in the morning and the stones stood still. If the stones ran, the dairy had no light for the early
milking. In the end they wrote a table on a board and nailed it to the door: which hours were for flour,
which for light, and what was owed to whom when the order was broken. It hung there for thirty years. The
last entry concerns a birthday, two sacks of rye, and a gramophone.
"""

_SPANISH: Final = """
El tren de las seis y cuarto llevaba siempre a los mismos viajeros. En el primer vagón se sentaban los que
iban al hospital, unos a trabajar y otros a que les dieran noticias; en el segundo, los estudiantes, que
dormían con la boca abierta; y en el último, porque nadie más lo quería, iba Amparo con sus cajas. Durante
doce años llevó cada mañana a la capital los huevos de su pueblo, envueltos de uno en uno en papel de
periódico, y en todo ese tiempo solo se le rompieron once. Lo sabía porque los apuntaba.

De tanto envolver huevos, Amparo leía mucho y con retraso. Se enteraba de los partidos cuando ya se había
jugado el siguiente, y de las guerras cuando habían terminado. Decía que así las noticias daban menos miedo,
porque una ya sabía que el mundo había seguido. A veces faltaba el final de un artículo, que se había
quedado en otra docena, y entonces lo inventaba ella. El revisor, que se llamaba Julián y había querido ser
actor, se detenía un minuto más de lo necesario para escucharla.

Un día de noviembre el tren se paró entre dos estaciones, en medio de un campo de remolachas. Había niebla,
y por las ventanas no se veía más que un poste y, detrás, la idea de otro poste. Al principio la gente miró
el reloj. Después miró el teléfono, y como no había cobertura, acabó mirándose. Pasó media hora. Alguien
dijo que era una avería en la señal; alguien dijo que siempre era lo mismo; un niño preguntó si las
remolachas se comen crudas, y resultó que nadie estaba del todo seguro.

Entonces Amparo abrió una caja. En el vagón de los estudiantes había un hornillo de acampar, en el del
hospital una enfermera llevaba aceite y pan, y Julián tenía sal, porque un hombre prudente siempre lleva
sal. No se puede cocinar en un tren: lo dice un cartel junto a cada puerta, en cuatro idiomas. Julián se
colocó delante del cartel y no se movió de allí hasta el final. Hicieron cuarenta y dos tortillas pequeñas,
una detrás de otra, y las repartieron en las tapas de los cuadernos.

Cuando el tren arrancó, casi dos horas más tarde, la niebla se había levantado y los campos brillaban como
si los acabaran de lavar. Nadie quiso volver a su vagón. Una de las médicas contó que llevaba tres años sin
desayunar sentada, y un estudiante de leyes explicó, con la boca llena, por qué la compañía tendría que
devolverles el billete, aunque no entero. Amparo escuchaba y hacía cuentas en el margen de un periódico: le
faltaban siete docenas, no había cobrado ninguna, y en el mercado ya estarían recogiendo los puestos.

En la capital los esperaban los altavoces, que pedían disculpas. La gente se despidió como se despide la
gente que no se va a acordar de los nombres pero sí de las caras. Amparo bajó la última, con las cajas
vacías, y encontró dentro de la de arriba la gorra de Julián llena de monedas, algunos billetes doblados y
una nota que decía, con letra de médica, que los huevos eran buenos para casi todo. La cantidad era
exactamente el doble de lo que valían. Esa noche, en la libreta de los huevos rotos, escribió por primera
vez una frase entera.

Al día siguiente el tren salió a su hora. En el último vagón no cabía nadie más.
"""


def measuring_text() -> str:
    """Both texts, a paragraph in a line."""
    paragraphs = (" ".join(part.split()) for part in (_ENGLISH + "\n" + _SPANISH).split("\n\n"))
    return "\n\n".join(part for part in paragraphs if part)
