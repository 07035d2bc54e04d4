"""What a person reads when a file cannot be read, whether for the documents or for a question."""

from collections.abc import Mapping

from desktop.i18n import N_

# see desktop.words.problems
DOCUMENT_WORDS: Mapping[str, tuple[str, str]] = {
    "document_error": (N_("{file} could not be read."), N_("Check that it opens in another program.")),
    "document_missing": (
        N_("{file} is not there."),
        N_("Was it moved or renamed? Look at {file_path} and add it again."),
    ),
    "document_unreadable": (
        N_("Sobremesa may not read {file}."),
        N_("Allow your user to read {file_path}, or copy it somewhere else, and add it again."),
    ),
    "document_empty": (N_("{file} is empty."), N_("Check that this is the right file.")),
    "document_name": (
        N_("The name of {file} is not text in UTF-8."),
        N_("Rename the file and add it again."),
    ),
    "document_damaged": (
        N_("{file} is damaged."),
        N_("If it opens in another program, save or print it there as a new PDF and add that one."),
    ),
    "document_encrypted": (
        N_("{file} asks for a password."),
        N_("Enter it, or save a copy without the password and add the copy."),
    ),
    "document_wrong_password": (N_("That is not the password of {file}."), N_("Try another password.")),
    "document_no_text": (
        N_("There is no text in {file}: it is most likely a scan."),
        N_("Scans are read where Tesseract has Spanish and English. If it does, no words were recognized."),
    ),
    "document_protected": (
        N_("{file} is protected: it opens in the program that locked it, and in no other."),
        N_("Open it there, save it without protection, and add that file."),
    ),
    "document_too_large": (
        N_("{file} unpacks to more than {limit_mb} MB."),
        N_("Split it into smaller files and add those."),
    ),
    "document_unknown_format": (
        N_("Sobremesa cannot read files like {file}."),
        N_("It reads PDF, Word (DOCX), EPUB, HTML, text and source files. Save it as one of these."),
    ),
    "file_attached_already": (N_("{file} goes with this question already."), N_("Nothing was added.")),
    "folder_not_attached": (
        N_("{file} is a folder."),
        N_("Attach the files in it that matter, or add the folder to the documents."),
    ),
    "document_not_text": (
        N_("There is no text in {file} that could be read."),
        N_("PDF, Word (DOCX), EPUB, HTML and text files can be attached. Save it as one of these."),
    ),
    "document_too_long": (
        N_("{file} is too long to be given to a question: more than {limit} characters."),
        N_("Attach the part that matters, or add the file to the documents, which are searched."),
    ),
    "document_killed_reader": (
        N_("{file} was too much for the reader: it needs too much memory or time."),
        N_("Save or print it as a new PDF, or split it, and add that one."),
    ),
    "bad_collection_name": (
        N_("A collection needs a name of at most {limit} characters."),
        N_("Give it a short name."),
    ),
    "collection_exists": (
        N_("There is a collection “{name}” already."),
        N_("Give this one another name."),
    ),
    "default_collection": (
        N_("This collection is always there: it keeps its name and cannot be removed."),
        N_("Remove its documents, or make another collection."),
    ),
    "folder_not_watched": (N_("This folder is not watched any more."), N_("Add it again to watch it.")),
    "folder_gone": (
        N_("The folder {folder} cannot be found. What was indexed of it stays and can be searched."),
        N_("Connect its drive, or put it back. It is looked for again by itself."),
    ),
    "folder_emptied": (
        N_("The folder {folder} is empty all of a sudden. What was indexed of it stays."),
        N_("Connect its drive, if it has one. If you emptied it, remove the folder from the list."),
    ),
    "folder_unreadable": (
        N_("The folder {folder} may not be read."),
        N_("Give yourself permission to read it. It is looked at again by itself."),
    ),
    "ambiguous_document": (
        N_("{count} documents are called {name}."),
        N_("Name the one you mean by its number or its path: sobremesa library list"),
    ),
    "no_questions": (
        N_("There are no questions of “{name}” to measure with yet."),
        N_("Write some whose answer you know, or have the model propose some and keep the good ones."),
    ),
    "question_too_long": (
        N_("A question can have at most {limit} characters."),
        N_("Shorten it."),
    ),
}
