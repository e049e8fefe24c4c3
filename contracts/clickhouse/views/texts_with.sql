-- Of the texts kept between two days (Europe/Paris, both included), newest first, those where one of
-- some words may stand: written in lower case, without accents, between spaces (none: every text).
-- It only spares reading the others: whether a word stands whole is the caller's to say (a test
-- shows, for every character, that no text is passed over in which libs/matching finds the word).
CREATE OR REPLACE VIEW texts_with AS
SELECT subject, network, address, published_at, text, said_by, source, observed_at, language, places,
    followers
FROM texts_between(date_from = {date_from:String}, date_to = {date_to:String})
WHERE {words:String} = '' OR multiSearchAny(
    replaceRegexpAll(
        replaceAll(replaceAll(replaceAll(replaceAll(
            translateUTF8(
                lowerUTF8(normalizeUTF8NFKD(lowerUTF8(text))),
                'øđðłıςᲀᲁᲂᲃᲄᲅᲆᲇᲈ', 'oddliσвдосттъѣꙋ'),
            'œ', 'oe'), 'æ', 'ae'), 'þ', 'th'), 'ß', 'ss'),
        '[\\p{Mn}\\p{Me}\\p{Cf}ـ]', ''),
    splitByChar(' ', {words:String}))
ORDER BY published_at DESC, subject
