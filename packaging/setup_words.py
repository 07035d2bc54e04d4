"""What the set-up commands say, in English and Spanish. Holds words and the one error; prints nothing.

gettext's catalogues are compiled during set-up, so these few sentences cannot come from there.
"""

from __future__ import annotations

import locale
import os

WORDS: dict[str, tuple[str, str]] = {
    # progress
    "system_packages": ("Installing system packages: {names}", "Instalando paquetes del sistema: {names}"),
    "creating_venv": ("Creating the environment in .venv", "Creando el entorno en .venv"),
    "renewing_venv": (
        "The environment in .venv belongs to another Python or is incomplete: making it anew",
        "El entorno de .venv es de otro Python o está incompleto: se crea de nuevo",
    ),
    "tools": ("Preparing pip and the build tools", "Preparando pip y las herramientas de compilación"),
    "llama": (
        "Building llama.cpp for this machine (several minutes, once)",
        "Compilando llama.cpp para este equipo (varios minutos, una sola vez)",
    ),
    "torch": ("Installing PyTorch for the CPU", "Instalando PyTorch para la CPU"),
    "packages": ("Installing the packages", "Instalando los paquetes"),
    "program": ("Installing Sobremesa and its translations", "Instalando Sobremesa y sus traducciones"),
    "fetch_chat": ("Fetching the starter chat model", "Descargando el modelo de chat inicial"),
    "fetch_embedder": ("Fetching the starter embedding model", "Descargando el modelo de embeddings inicial"),
    "convert_embedder": ("Converting the embedding model", "Convirtiendo el modelo de embeddings"),
    "waiting": (
        "Another set-up is running; waiting for it to end",
        "Hay otra instalación en marcha; esperando a que termine",
    ),
    "ready": ("Everything is ready ({elapsed}).", "Todo listo ({elapsed})."),
    "check": ("Check: {name}", "Comprobación: {name}"),
    "check_failed": ("Failed: {names}", "Han fallado: {names}"),
    "checks_passed": ("All checks passed ({elapsed}).", "Todas las comprobaciones han pasado ({elapsed})."),
    "torch_index_unreachable": (
        "PyTorch's own index is out of reach; taking the build that pip finds",
        "El índice de PyTorch no responde; se usa la versión que encuentra pip",
    ),
    "interrupted": (
        "Interrupted. What is finished stays; run the same command again to go on.",
        "Interrumpido. Lo terminado se conserva; ejecuta de nuevo la misma orden para continuar.",
    ),
    # problems: what happened and what to do first; "again" follows where it helps
    "python_too_old": (
        "Sobremesa needs Python {needed} or newer; this is {found}. Install a newer one and use it.",
        "Sobremesa necesita Python {needed} o posterior; este es {found}. Instala uno más reciente y úsalo.",
    ),
    "packages_missing": (
        "System packages are missing. Run this line:\n\n    {line}\n\n",
        "Faltan paquetes del sistema. Ejecuta esta línea:\n\n    {line}\n\n",
    ),
    "packages_failed": (
        "The system packages could not be installed. Run this line to see why:\n\n    {line}\n\n",
        (
            "No se han podido instalar los paquetes del sistema. Ejecuta esta línea para ver el motivo:"
            "\n\n    {line}\n\n"
        ),
    ),
    "unknown_system": (
        "The package manager of this system is not known here. Install with it: {names}.",
        "No conozco el gestor de paquetes de este sistema. Instala con él: {names}.",
    ),
    "no_compiler": (
        "llama.cpp is built here and needs a compiler for C and C++. {how}",
        "llama.cpp se compila aquí y necesita un compilador de C y C++. {how}",
    ),
    "no_network": (
        "The package registry is out of reach. Check the network, or the proxy that pip uses.",
        "No se puede llegar al registro de paquetes. Revisa la red, o el proxy que usa pip.",
    ),
    "disk_full": (
        "The disk that holds {folder} is full; about {needed} are needed. Free some space.",
        "El disco de {folder} está lleno; hacen falta unos {needed}. Libera espacio.",
    ),
    "not_writable": (
        "{folder} cannot be written to. Check its permissions.",
        "No se puede escribir en {folder}. Revisa sus permisos.",
    ),
    "venv_failed": (
        "The environment {folder} could not be made; what Python said is above.",
        "No se ha podido crear el entorno {folder}; arriba está lo que ha dicho Python.",
    ),
    "pip_failed": (
        "A package could not be installed. The last lines of pip are above; all of them in {log}.",
        "No se ha podido instalar un paquete. Arriba están las últimas líneas de pip; todas, en {log}.",
    ),
    "fetch_failed": (
        "{name} could not be fetched; what pip said is above.",
        "No se ha podido descargar {name}; arriba está lo que ha dicho pip.",
    ),
    "wrong_contents": (
        (
            "{name} is not the file that this version expects. If a second try says so too, the package has"
            " changed and this version of Sobremesa cannot use it."
        ),
        (
            "{name} no es el archivo que espera esta versión. Si un segundo intento dice lo mismo, el"
            " paquete ha cambiado y esta versión de Sobremesa no puede usarlo."
        ),
    ),
    "again": (
        "Then run the same command again; it goes on where it stopped.",
        "Después ejecuta de nuevo la misma orden; continuará donde se quedó.",
    ),
}


LOOK_FIRST = {"venv_failed", "pip_failed", "fetch_failed", "wrong_contents"}
"""Where the same command again would most likely end the same way."""


def language() -> str:
    """ "es" or "en", by the person's locale (the first of the usual variables that says anything)."""
    for name in ("LANGUAGE", "LC_ALL", "LC_MESSAGES", "LANG"):
        value = os.environ.get(name, "")
        if value:
            return "es" if value.lower().startswith("es") else "en"
    try:
        found = locale.getlocale()[0] or ""
    except ValueError:
        found = ""
    return "es" if found.lower().startswith(("es", "spanish")) else "en"


def word(key: str, **params: object) -> str:
    """The sentence for a key, with its parameters put in."""
    english, spanish = WORDS[key]
    return (spanish if language() == "es" else english).format(**params)


class SetupProblem(Exception):
    """Something a person has to do something about: a key of `WORDS` and its parameters."""

    def __init__(self, key: str, **params: object) -> None:
        super().__init__(key)
        self.key = key
        self.params = params

    def __str__(self) -> str:
        text = word(self.key, **self.params)
        if self.key in LOOK_FIRST:
            return text
        return f"{text}{'' if text.endswith(chr(10)) else ' '}{word('again')}"
