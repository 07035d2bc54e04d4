"""The schema of library.db as append-only migrations. Never change one that was released: add one.

A document's pages and passages belong to a generation; `documents.generation` names the one that can be
seen. A new version is written beside the old one and takes its place in one transaction. Vectors are kept
by what was embedded (`digest`, of heading and text), so that an interrupted or changed document embeds
only what is new.
"""

FIRST = """
CREATE TABLE collections (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    name TEXT NOT NULL UNIQUE,
    created_at REAL NOT NULL
);

CREATE TABLE documents (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    collection INTEGER NOT NULL REFERENCES collections(id) ON DELETE CASCADE,
    path TEXT NOT NULL,
    title TEXT NOT NULL DEFAULT '',
    state TEXT NOT NULL CHECK (state IN ('indexing', 'indexed', 'failed')),
    generation INTEGER NOT NULL DEFAULT 0,  -- 0: nothing of it can be seen yet
    sha256 TEXT NOT NULL DEFAULT '',
    size_bytes INTEGER NOT NULL DEFAULT 0,
    modified_at REAL NOT NULL DEFAULT 0,    -- seconds since the epoch, as all times here
    version INTEGER NOT NULL DEFAULT 0,     -- of the way it was read and cut
    pages INTEGER NOT NULL DEFAULT 0,
    passages INTEGER NOT NULL DEFAULT 0,
    attempts INTEGER NOT NULL DEFAULT 0,    -- begun and not finished
    added_at REAL NOT NULL,
    error TEXT,                             -- ErrorInfo as JSON
    UNIQUE (collection, path)
);

CREATE TABLE pages (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    document INTEGER NOT NULL REFERENCES documents(id) ON DELETE CASCADE,
    generation INTEGER NOT NULL,
    number INTEGER NOT NULL,                -- from 1
    text TEXT NOT NULL,
    runs BLOB NOT NULL,                     -- see rag.reading.runs
    source TEXT NOT NULL,
    UNIQUE (document, generation, number)
);

CREATE TABLE passages (
    id INTEGER PRIMARY KEY AUTOINCREMENT,   -- never used twice: Chroma keeps it
    page INTEGER NOT NULL REFERENCES pages(id) ON DELETE CASCADE,
    document INTEGER NOT NULL,
    generation INTEGER NOT NULL,
    start INTEGER NOT NULL,                 -- characters of the page's text, end exclusive
    "end" INTEGER NOT NULL,
    heading TEXT NOT NULL,
    language TEXT NOT NULL,
    digest BLOB NOT NULL
);
CREATE INDEX passages_of_page ON passages(page);
CREATE INDEX passages_of_document ON passages(document, generation);
CREATE INDEX passages_by_digest ON passages(digest);

CREATE TABLE models (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    fingerprint TEXT NOT NULL UNIQUE,
    dimensions INTEGER NOT NULL
);

CREATE TABLE vectors (
    model INTEGER NOT NULL REFERENCES models(id) ON DELETE CASCADE,
    digest BLOB NOT NULL,
    vector BLOB NOT NULL,                   -- float32, little-endian, unit length
    PRIMARY KEY (model, digest)
);

CREATE TABLE facts (
    name TEXT PRIMARY KEY,
    value TEXT NOT NULL
);

CREATE VIEW passage_texts AS
    SELECT passages.id AS id, passages.heading AS heading,
           substr(pages.text, passages.start + 1, passages."end" - passages.start) AS text
    FROM passages JOIN pages ON pages.id = passages.page;

-- holds only passages that can be seen
CREATE VIRTUAL TABLE passage_words USING fts5(
    heading, text, content = 'passage_texts', content_rowid = 'id',
    tokenize = 'unicode61 remove_diacritics 2'
);

INSERT INTO collections (name, created_at) VALUES ('default', 0);
"""

# What lies in the trash keeps all it has under a negative generation, which no query takes for its own.
KEPT_TOGETHER = """
ALTER TABLE collections ADD COLUMN removed_at REAL NOT NULL DEFAULT 0;   -- 0: it is not in the trash
ALTER TABLE collections ADD COLUMN removed_name TEXT NOT NULL DEFAULT '';
ALTER TABLE documents ADD COLUMN removed_at REAL NOT NULL DEFAULT 0;
ALTER TABLE documents ADD COLUMN kept INTEGER NOT NULL DEFAULT 0;        -- though its file is gone
ALTER TABLE documents ADD COLUMN left_out INTEGER NOT NULL DEFAULT 0;    -- nothing is left of it but that
ALTER TABLE documents ADD COLUMN language TEXT NOT NULL DEFAULT '';

CREATE TABLE folders (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    collection INTEGER NOT NULL REFERENCES collections(id) ON DELETE CASCADE,
    path TEXT NOT NULL,
    watched INTEGER NOT NULL DEFAULT 1,
    checked_at REAL NOT NULL DEFAULT 0,
    error TEXT,                             -- ErrorInfo as JSON
    UNIQUE (collection, path)
);

CREATE INDEX documents_by_hash ON documents(collection, sha256);
"""

# English words are found by their stems. Spanish ones lose at most an ending by it, in questions as in
# passages: measured, it costs nothing (decision note 0142).
STEMMED = """
DROP TABLE passage_words;
CREATE VIRTUAL TABLE passage_words USING fts5(
    heading, text, content = 'passage_texts', content_rowid = 'id',
    tokenize = 'porter unicode61 remove_diacritics 2'
);
INSERT INTO passage_words (rowid, heading, text)
    SELECT t.id, t.heading, t.text FROM passage_texts t JOIN passages p ON p.id = t.id
    JOIN documents d ON d.id = p.document AND d.generation = p.generation;
"""

# A person's own questions. An answer's place is kept in words: spans change when a document is read anew.
OWN_QUESTIONS = """
CREATE TABLE questions (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    text TEXT NOT NULL,
    document INTEGER NOT NULL REFERENCES documents(id) ON DELETE CASCADE,
    page INTEGER NOT NULL,                  -- from 1
    quote TEXT NOT NULL,                    -- '': the page as a whole answers it
    made INTEGER NOT NULL,                  -- by a model
    accepted INTEGER NOT NULL,              -- by a person: only then it counts
    added_at REAL NOT NULL
);
CREATE INDEX questions_of_document ON questions(document);
"""

MIGRATIONS = (FIRST, KEPT_TOGETHER, STEMMED, OWN_QUESTIONS)
