// Package desk is where staff write the help centre: lists, autosave,
// publishing, translations, files, history, order, and what customers searched
// for and did not find.
//
// What is typed is kept in the article's field edit, at once and without
// touching what customers read. Publishing takes it over, and that makes a
// version.
package desk
