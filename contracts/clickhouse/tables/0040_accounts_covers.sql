-- Of a source, a feed that nobody owns: the territories of which it declares to speak.
ALTER TABLE accounts
    ADD COLUMN IF NOT EXISTS covers Array(String) AFTER owners
