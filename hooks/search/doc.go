// Package search finds texts in Bangla, Banglish (Bangla in Latin letters) and
// English. It knows no record of any room: rooms hand it words.
//
// # The analyser
//
// [Analyse] cuts a text into tokens. A token is a run of letters, digits and
// marks, so that Bangla vowel signs and the hasanta stay where they are; a
// joiner or an apostrophe inside a word is passed over. Each token has four
// forms:
//
//   - Word: NFC (ড় becomes base and nukta, ে with া becomes ো), without joiners,
//     ০-৯ as 0-9, lower case, Latin letters without accents.
//
//   - Stem: Word without the endings that most often differ between a question
//     and its answer: Bangla case endings and articles, English -s, -ing, -ed.
//     Nothing is looked up, so a stem need not be a word.
//
//   - Key: the consonants of Stem in letters shared by both scripts, so that
//     ferot and ফেরত are both prt ([Key] has the table). Two consonants are
//     shared by too many words; where that matters their vowels count too.
//
//   - Root: of verbs, the consonants without the ending; it is found by
//     questions that ask in another form ([root]).
//
// An index holds the stems and the keys of a text in columns of their own.
//
// # Asking
//
// [Ask] makes the terms of a question: stop words of the three languages are
// dropped unless nothing else is left, and a phrase of a synonym group brings
// the phrases beside it. Every term goes to SQLite in quotes, so nothing a
// person types is an operator. [Index.Rank] orders by bm25 with the weights of
// the columns, repairs a word that the index does not know by one letter
// against its vocabulary, and says how sure it is: the share of the question's
// weight (inverse document frequency) that the entry has. At 0.6 answer, from
// 0.4 offer a choice, below say so.
//
// [Index.Newest] is for what is written all day: rows by number, the highest
// first, every term required, no ranking, and so as fast in a million rows as
// in a thousand.
//
// # Keeping
//
// An [Index] is one FTS5 table without a copy of the texts (their rooms have
// them) and one table that gives record ids their row numbers, because rowids
// of SQLite need not survive a VACUUM. Rows are written in the transaction of
// the record. [Snippet] cuts and marks the room's own text; its pieces are
// plain text, never markup.
package search
