"""The schema of chats.sqlite3, as the migrations that lead to it.

Append-only: never edit one that shipped.
"""

FIRST = """
-- AUTOINCREMENT: the number of a deleted chat or message is never given again
CREATE TABLE chats (
    id            INTEGER PRIMARY KEY AUTOINCREMENT,
    title         TEXT NOT NULL DEFAULT '',
    system_prompt TEXT NOT NULL DEFAULT '',
    collections   TEXT NOT NULL DEFAULT '[]',      -- JSON array of names
    active_leaf   INTEGER REFERENCES messages (id) ON DELETE SET NULL,
    pinned        INTEGER NOT NULL DEFAULT 0,
    created_at    REAL NOT NULL,                   -- seconds since the epoch, here and below
    updated_at    REAL NOT NULL,
    deleted_at    REAL                             -- set: in the trash until the next purge
);

-- a tree: an edit or a new try is a sibling, nothing is overwritten
CREATE TABLE messages (
    id         INTEGER PRIMARY KEY AUTOINCREMENT,
    chat       INTEGER NOT NULL REFERENCES chats (id) ON DELETE CASCADE,
    parent     INTEGER REFERENCES messages (id) ON DELETE CASCADE,
    role       TEXT NOT NULL CHECK (role IN ('system', 'user', 'assistant')),
    parts      TEXT NOT NULL,                      -- JSON array of desktop.core.types.Part
    state      TEXT NOT NULL,
    model      TEXT NOT NULL DEFAULT '',
    stats      TEXT,                               -- JSON of engine.protocol.Stats
    problem    TEXT,                               -- JSON of desktop.core.types.Problem
    created_at REAL NOT NULL
);
CREATE INDEX messages_of_chat ON messages (chat);
CREATE INDEX messages_of_parent ON messages (parent);
CREATE INDEX messages_being_written ON messages (id) WHERE state = 'streaming';

-- rowid is the chat's, or the message's
CREATE VIRTUAL TABLE title_words USING fts5 (text, tokenize = "unicode61 remove_diacritics 2");
CREATE VIRTUAL TABLE message_words USING fts5 (text, tokenize = "unicode61 remove_diacritics 2");
"""

CONTEXT = """
ALTER TABLE messages ADD COLUMN pinned INTEGER NOT NULL DEFAULT 0;  -- its turn stays in the context window

-- what was said up to a message, in short, for when the turns before it leave the context window
CREATE TABLE summaries (
    message    INTEGER PRIMARY KEY REFERENCES messages (id) ON DELETE CASCADE,
    text       TEXT NOT NULL,
    created_at REAL NOT NULL
);
"""

CONTROL = """
ALTER TABLE chats ADD COLUMN reply_values TEXT NOT NULL DEFAULT '{}';  -- JSON: those that are the chat's own

-- what the tokens of a reply were drawn from
CREATE TABLE token_details (
    message INTEGER PRIMARY KEY REFERENCES messages (id) ON DELETE CASCADE,
    details BLOB NOT NULL                          -- zlib of MessagePack of engine.protocol.TokenDetail
);
"""

TREE = """
ALTER TABLE messages ADD COLUMN edited INTEGER NOT NULL DEFAULT 0;  -- a person changed what stood there
ALTER TABLE messages ADD COLUMN rating INTEGER NOT NULL DEFAULT 0;  -- 1: good, -1: bad
-- set: in the trash until the next purge, taken there by the deletion of the message of that number
ALTER TABLE messages ADD COLUMN deleted_with INTEGER;
CREATE INDEX messages_in_the_trash ON messages (deleted_with) WHERE deleted_with IS NOT NULL;

-- what was written and not sent; chat NULL: for a chat that is not stored yet
CREATE TABLE drafts (
    chat     INTEGER UNIQUE REFERENCES chats (id) ON DELETE CASCADE,
    text     TEXT NOT NULL,
    files    TEXT NOT NULL DEFAULT '[]',           -- JSON array of desktop.core.types.FilePart
    saved_at REAL NOT NULL
);
"""

SEARCH = """
-- which chat a message that was found is of, without reading the message
CREATE INDEX messages_found ON messages (id, chat) WHERE deleted_with IS NULL;
"""

PROMPTS = """
-- the system prompts that a person keeps; those that come with the program stand in its code
CREATE TABLE prompts (
    key        TEXT PRIMARY KEY,                   -- the same in every copy of it: exports and backups
    folder     TEXT NOT NULL DEFAULT '',
    created_at REAL NOT NULL,
    deleted_at REAL                                -- set: in the trash until the next purge
);
CREATE TABLE prompt_versions (
    prompt   TEXT NOT NULL REFERENCES prompts (key) ON DELETE CASCADE,
    number   INTEGER NOT NULL,                     -- from 1; nothing is overwritten
    content  TEXT NOT NULL,                        -- JSON of desktop.core.prompt_types.PromptContent
    saved_at REAL NOT NULL,
    PRIMARY KEY (prompt, number)
);
-- what was written and not saved; of a prompt that was never saved too
CREATE TABLE prompt_drafts (
    prompt   TEXT PRIMARY KEY,
    folder   TEXT NOT NULL DEFAULT '',
    content  TEXT NOT NULL,
    saved_at REAL NOT NULL
);
CREATE TABLE hidden_prompts (prompt TEXT PRIMARY KEY);
CREATE TABLE default_prompts (
    model  TEXT PRIMARY KEY,                       -- its path; '': models without one of their own
    prompt TEXT NOT NULL
);
-- JSON of desktop.core.prompt_types.KeptPrompt: what a chat has beside the text in system_prompt
ALTER TABLE chats ADD COLUMN prompt TEXT NOT NULL DEFAULT '{}';
"""

EDITS = """
-- what a message is to say, while it is being edited
CREATE TABLE edits (
    message  INTEGER PRIMARY KEY REFERENCES messages (id) ON DELETE CASCADE,
    text     TEXT NOT NULL,
    files    TEXT NOT NULL DEFAULT '[]',           -- JSON array of desktop.core.types.FilePart
    saved_at REAL NOT NULL
);
"""

ORGANIZED = """
CREATE TABLE folders (
    id         INTEGER PRIMARY KEY AUTOINCREMENT,
    parent     INTEGER REFERENCES folders (id) ON DELETE SET NULL,
    name       TEXT NOT NULL,
    created_at REAL NOT NULL
);
ALTER TABLE chats ADD COLUMN folder INTEGER REFERENCES folders (id) ON DELETE SET NULL;
ALTER TABLE chats ADD COLUMN archived INTEGER NOT NULL DEFAULT 0;
-- whose words the title is: 'question' (cut from it), 'model', or 'person', which nothing replaces.
-- Of chats from before, and of those that come from elsewhere, nobody knows: they keep theirs
ALTER TABLE chats ADD COLUMN titled_by TEXT NOT NULL DEFAULT 'person';
CREATE INDEX chats_in_folder ON chats (folder) WHERE folder IS NOT NULL;
"""

IDENTITY = """
-- the chat's name in exports and backups; one from another program has that one's: "chatgpt:6857150a-..."
ALTER TABLE chats ADD COLUMN uid TEXT;
ALTER TABLE chats ADD COLUMN import_digest TEXT;       -- of what was last taken in under this name
UPDATE chats SET uid = lower(hex(randomblob(16)));
CREATE INDEX chats_of_uid ON chats (uid);
CREATE TRIGGER chats_are_named AFTER INSERT ON chats WHEN new.uid IS NULL BEGIN
    UPDATE chats SET uid = lower(hex(randomblob(16))) WHERE id = new.id;
END;
"""

COMPARED = """
-- two branches that are compared: JSON of two desktop.core.comparing_types.KeptSide; '': none are
ALTER TABLE chats ADD COLUMN comparison TEXT NOT NULL DEFAULT '';
"""

MIGRATIONS: tuple[str, ...] = (
    FIRST,
    CONTEXT,
    CONTROL,
    TREE,
    SEARCH,
    PROMPTS,
    EDITS,
    ORGANIZED,
    IDENTITY,
    COMPARED,
)
