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
    # problems: what happened and what to do
    "python_too_old": (
        (
            "Sobremesa needs Python {needed} or newer; this is {found}. Install a newer Python and run the same"
            " command with it."
        ),
        (
            "Sobremesa necesita Python {needed} o posterior; este es {found}. Instala un Python más reciente y"
            " ejecuta la misma orden con él."
        ),
    ),
    "packages_missing": (
        "System packages are missing. Run this line, then the same command again:\n\n    {line}\n",
        "Faltan paquetes del sistema. Ejecuta esta línea y después la misma orden:\n\n    {line}\n",
    ),
    "packages_failed": (
        (
            "The system packages could not be installed. Run this line to see why, then the same command again:\n\n"
            "    {line}\n"
        ),
        (
            "No se han podido instalar los paquetes del sistema. Ejecuta esta línea para ver el motivo y después"
            " la misma orden:\n\n    {line}\n"
        ),
    ),
    "unknown_system": (
        "This system's package manager is not known here. Install {names} with it, then run the same command again.",
        "No conozco el gestor de paquetes de este sistema. Instala con él {names} y ejecuta de nuevo la misma orden.",
    ),
    "no_compiler": (
        "A C and C++ compiler, CMake and Ninja are needed to build llama.cpp. {how} Then run the same command again.",
        (
            "Para compilar llama.cpp hacen falta un compilador de C y C++, CMake y Ninja. {how} Después ejecuta de"
            " nuevo la misma orden."
        ),
    ),
    "no_network": (
        (
            "The package registry is out of reach. Check the network (or the proxy that pip uses) and run the same"
            " command again; it goes on where it stopped."
        ),
        (
            "No se puede llegar al registro de paquetes. Revisa la red (o el proxy que usa pip) y ejecuta de nuevo"
            " la misma orden; continuará donde se quedó."
        ),
    ),
    "disk_full": (
        "The disk that holds {folder} is full; about {needed} are needed. Free some space and run the same command again.",
        "El disco de {folder} está lleno; hacen falta unos {needed}. Libera espacio y ejecuta de nuevo la misma orden.",
    ),
    "not_writable": (
        "{folder} cannot be written to. Check its permissions and run the same command again.",
        "No se puede escribir en {folder}. Revisa sus permisos y ejecuta de nuevo la misma orden.",
    ),
    "pip_failed": (
        "A package could not be installed ({step}). The last lines of pip are above; the whole is in {log}.",
        "No se ha podido instalar un paquete ({step}). Arriba están las últimas líneas de pip; todo está en {log}.",
    ),
    "build_failed": (
        "llama.cpp could not be built. The last lines of the build are above; the whole is in {log}.",
        "No se ha podido compilar llama.cpp. Arriba están las últimas líneas; todo está en {log}.",
    ),
    "wrong_contents": (
        (
            "{name} is not the file that this version expects. Run the same command again; if it stays so, the"
            " package has changed and this version of Sobremesa cannot use it."
        ),
        (
            "{name} no es el archivo que espera esta versión. Ejecuta de nuevo la misma orden; si sigue igual, el"
            " paquete ha cambiado y esta versión de Sobremesa no puede usarlo."
        ),
    ),
}


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
        return word(self.key, **self.params)
